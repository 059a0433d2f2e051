import { Inject, Injectable } from '@nestjs/common';
import { CATALOG, type Catalog } from '@freshet/catalog';
import type {
  DatasetView,
  DeadLetterView,
  DiffView,
  ExportRequestedView,
  GenerationView,
  HealthCheckRequestedView,
  QuarantineView,
  RollbackView,
  RunView,
} from '@freshet/contracts';
import {
  datasetViews,
  generationViews,
  listDeadLetters,
  listRuns,
  quarantined,
  requestExport,
  requestHealthCheck,
  type Database,
} from '@freshet/database';
import type { Clock, DatasetDefinition } from '@freshet/domain';
import { CLOCK } from '@freshet/runtime';
import type { CoordinatorSettings } from '../settings';
import { DATABASE, GENERATIONS, SETTINGS } from '../tokens';
import { notScheduled } from './credentials';
import type { GenerationsPort } from './generations-port';
import { maskRecord } from './mask';
import { conflict } from './problem';

/** What can be asked about datasets and their history. Throws `Problem` or `FreshetError`. */
@Injectable()
export class ViewService {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(GENERATIONS) private readonly versions: GenerationsPort,
    @Inject(SETTINGS) private readonly settings: CoordinatorSettings,
  ) {}

  datasets(): Promise<DatasetView[]> {
    return this.views(this.catalog.all());
  }

  async dataset(id: string): Promise<DatasetView> {
    const [view] = await this.views([this.catalog.get(id)]);
    // One definition in, one view out.
    return view as DatasetView;
  }

  private async views(definitions: readonly DatasetDefinition[]): Promise<DatasetView[]> {
    const views = await datasetViews(this.database, definitions, this.clock.now());
    return views.map((view, index) => {
      const definition = definitions[index];
      return { ...view, notScheduled: definition ? notScheduled(definition, this.settings) : null };
    });
  }

  async runs(filter: { readonly dataset?: string; readonly limit: number }): Promise<RunView[]> {
    if (filter.dataset !== undefined) this.catalog.get(filter.dataset);
    return listRuns(this.database, filter);
  }

  generations(id: string): Promise<GenerationView[]> {
    return generationViews(this.database, this.catalog.get(id).id);
  }

  rollback(id: string, to: number | null): Promise<RollbackView> {
    return this.versions.rollback(this.withGenerations(id).id, to);
  }

  /** Without numbers, the published generation against the one before it. */
  async diff(id: string, from: number | undefined, to: number | undefined): Promise<DiffView> {
    const definition = this.withGenerations(id);
    const generations = from === undefined || to === undefined ? await this.generations(id) : [];
    const newer = to ?? generations.find((generation) => generation.current)?.generation;
    const older =
      from ?? generations.find((generation) => newer !== undefined && generation.generation < newer)?.generation;
    if (newer === undefined) throw nothingPublished(id);
    if (older === undefined)
      throw conflict(
        `${id} has no generation before ${newer} to compare with`,
        `There is something to compare after the next publication; of others, name both: freshet diff ${id} <from> <to> (freshet generations ${id} lists them).`,
      );
    return this.versions.diff(definition, older, newer);
  }

  private withGenerations(id: string): DatasetDefinition {
    const definition = this.catalog.get(id);
    if (definition.mode !== 'timeseries') return definition;
    throw conflict(
      `${id} is a time series and has no generations: what a run changed stands in its revisions`,
      'Ask for the values that were known at an earlier time: freshet observations <series> --as-of <time>.',
    );
  }

  async quarantine(
    id: string,
    page: { readonly limit: number; readonly after: string | null },
  ): Promise<QuarantineView[]> {
    const definition: DatasetDefinition = this.catalog.get(id);
    const records = await quarantined(this.database, id, page);
    return records.map((record) =>
      maskRecord(
        record,
        definition.resources.find((resource) => resource.name === record.resource),
      ),
    );
  }

  async export(id: string): Promise<ExportRequestedView> {
    const definition = this.catalog.get(id);
    if (definition.exports.length === 0)
      throw conflict(`${id} declares no exports`, 'Add an export to its definition.');
    const requested = await requestExport(this.database, id);
    if (!requested) throw nothingPublished(id);
    return requested;
  }

  /** Checks over the last days of a time series, at once; a schedule asks for the same. */
  async healthCheck(id: string): Promise<HealthCheckRequestedView> {
    const definition = this.catalog.get(id);
    const { timeseries } = definition;
    if (!timeseries?.health)
      throw conflict(`${id} declares no health check`, 'Add timeseries.health to its definition.');
    const window = await requestHealthCheck(this.database, { id: definition.id, timeseries }, this.clock.now());
    if (!window) throw nothingPublished(id);
    return { dataset: id, from: window.from.toISOString(), to: window.to.toISOString() };
  }

  async deadLetters(limit: number): Promise<DeadLetterView[]> {
    const letters = await listDeadLetters(this.database, limit);
    return letters.map(({ id, topic, key, code, reason, step, runId, receivedAt, replayedAt, bytes }) => ({
      id: String(id),
      topic,
      key,
      code,
      reason,
      step,
      runId,
      bytes,
      receivedAt: receivedAt.toISOString(),
      replayedAt: replayedAt?.toISOString() ?? null,
    }));
  }
}

const nothingPublished = (id: string) =>
  conflict(`nothing of ${id} is published yet`, `Start a refresh: freshet refresh ${id} --wait.`);

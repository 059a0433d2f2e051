import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { CATALOG, type Catalog } from '@freshet/catalog';
import type { RunView, StartRefreshBody } from '@freshet/contracts';
import {
  createRuns,
  requestCancel,
  runParameters,
  runView,
  type Database,
  type SeriesRequest,
  type StoredParameters,
} from '@freshet/database';
import {
  FreshetError,
  isEnded,
  runId as asRunId,
  taskId as asTaskId,
  type Clock,
  type DatasetDefinition,
  type Trigger,
} from '@freshet/domain';
import { CLOCK, recordRequest } from '@freshet/runtime';
import { Advancer } from '../engine/advance';
import type { CoordinatorSettings } from '../settings';
import { DATABASE, SETTINGS } from '../tokens';
import { Problem, conflict, invalid, notFound } from './problem';
import { sameRequest, seriesRequests } from './run-parameters';

interface How {
  readonly force: boolean;
  readonly file: string | null;
  readonly trigger: Trigger;
  readonly key: string;
  readonly priority: number;
}

/** Starts, cancels and repeats runs: what HTTP, gRPC and the scheduler have in common. Throws `Problem`. */
@Injectable()
export class RefreshService {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(SETTINGS) private readonly settings: CoordinatorSettings,
    @Inject(Advancer) private readonly advancer: Advancer,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** One run a dataset; all of them or none. The same idempotency key twice gives the runs of the first call. */
  async start(body: StartRefreshBody): Promise<readonly RunView[]> {
    const definitions = this.find(body.datasets);
    const series = seriesRequests(definitions, body, this.clock.now());
    const file = body.file === undefined ? null : await this.checkFile(body.file, definitions);
    return this.create(definitions, series, {
      force: body.force ?? false,
      file,
      trigger: body.trigger ?? 'api',
      key: body.idempotencyKey ?? randomUUID(),
      priority: 0,
    });
  }

  /** A new run with the parameters of one that ended. */
  async retry(runId: string): Promise<RunView> {
    const parameters = await runParameters(this.database, runId);
    if (!parameters) throw noRun(runId);
    if (!isEnded(parameters.state))
      throw conflict(`run ${runId} is ${parameters.state}: it has not ended`, 'Wait for it, or cancel it first.');
    return this.again(runId, parameters, `retry:${runId}:${randomUUID()}`);
  }

  /** The same, once only for each `key`. */
  async retryOnce(runId: string, key: string): Promise<RunView> {
    const parameters = await runParameters(this.database, runId);
    if (!parameters) throw noRun(runId);
    return this.again(runId, parameters, key);
  }

  /** Ends a run that is waiting or under way. One that is publishing cannot be stopped any more. */
  async cancel(runId: string): Promise<RunView> {
    const asked = await requestCancel(this.database, runId);
    if (!asked) throw noRun(runId);
    if (!asked.accepted && asked.state !== 'cancelled') {
      throw conflict(
        `run ${runId} is ${asked.state}: it cannot be cancelled any more`,
        asked.state === 'publishing' || asked.state === 'exporting'
          ? 'It ends by itself in a moment; freshet rollback takes a publication back.'
          : 'Nothing is to be done.',
      );
    }
    await this.moveOn(runId);
    return this.view(runId);
  }

  async view(runId: string): Promise<RunView> {
    const view = await runView(this.database, runId);
    if (!view) throw noRun(runId);
    return view;
  }

  private async again(
    runId: string,
    { dataset, force, file, params, priority }: StoredParameters,
    key: string,
  ): Promise<RunView> {
    const definition = this.catalog.get(dataset);
    const series = sameRequest(definition, params, this.clock.now());
    const [run] = await this.create([definition], [series], { force, file, trigger: 'retry', key, priority });
    if (!run) throw noRun(runId);
    return run;
  }

  private async create(
    definitions: readonly DatasetDefinition[],
    series: ReadonlyArray<SeriesRequest | null>,
    how: How,
  ): Promise<readonly RunView[]> {
    const askedAt = this.clock.now();
    const result = await createRuns(
      this.database,
      definitions.map(({ id, contentVersion, concurrency }, index) => ({
        runId: asRunId(randomUUID()),
        taskId: asTaskId(randomUUID()),
        dataset: id,
        trigger: how.trigger,
        idempotencyKey: `${how.key}:${id}`,
        force: how.force,
        file: how.file,
        contentVersion,
        concurrency,
        series: series[index] ?? null,
        priority: how.priority,
      })),
    );
    if (!result.accepted)
      throw conflict(
        `${result.dataset} is being refreshed by run ${result.running}`,
        `Wait for it (freshet runs ${result.running}), or cancel it (freshet cancel ${result.running}).`,
      );
    // Without a request span, the trace of a run would begin with a message that seems to come from nowhere.
    result.runs.forEach((runId, i) => recordRequest({ runId, dataset: definitions[i]?.id }, how.trigger, askedAt));
    for (const id of result.runs) await this.moveOn(id);
    return Promise.all(result.runs.map((id) => this.view(id)));
  }

  /** Does at once what the leader would do at its next look. */
  private async moveOn(runId: string): Promise<void> {
    await this.advancer.advanceById(runId).catch(() => undefined);
  }

  private find(names: readonly string[]): readonly DatasetDefinition[] {
    const found = new Map<string, DatasetDefinition>();
    const unknown: FreshetError[] = [];
    for (const name of names) {
      try {
        for (const definition of this.catalog.find(name)) found.set(definition.id, definition);
      } catch (error) {
        if (!(error instanceof FreshetError)) throw error;
        unknown.push(error);
      }
    }
    const [first] = unknown;
    if (first)
      throw new Problem('not_found', {
        error: unknown.map((error) => error.message).join('; '),
        nextStep: first.nextStep,
        details: unknown.map((error) => error.message),
      });
    return [...found.values()];
  }

  private async checkFile(file: string, definitions: readonly DatasetDefinition[]): Promise<string> {
    if (!this.settings.standalone)
      throw invalid([
        'file: a path is understood only where everything runs in one process (standalone); here the data comes from the publisher',
      ]);
    const other = definitions.find(({ connector }) => connector !== 'zip-archive');
    if (other) throw invalid([`file: ${other.id} is not made from an archive`]);
    if (definitions.length !== 1)
      throw invalid([`file: one archive belongs to one dataset, ${definitions.length} were named`]);
    const path = resolve(file);
    const found = await stat(path).catch(() => null);
    if (!found) throw invalid([`file: there is no ${path}`]);
    if (!found.isFile()) throw invalid([`file: ${path} is not a file`]);
    if (found.size === 0) throw invalid([`file: ${path} is empty`]);
    await access(path, constants.R_OK).catch(() => {
      throw invalid([`file: ${path} cannot be read by this process`]);
    });
    return path;
  }
}

export const noRun = (runId: string): Problem =>
  notFound(`there is no run ${runId}`, 'freshet runs lists the newest runs.');

import { randomUUID } from 'node:crypto';
import { loadCatalog } from '@freshet/catalog';
import { mergeTimeSeries, type Merged } from '@freshet/database';
import type { DatasetDefinition, RequestReport, TaskManifest } from '@freshet/domain';
import { World, deliveriesOf, manifestOf, type Plan, type Value } from '../loading/world';

export const HOUR = 3_600_000;

/** One record as the publisher sends it, by column. */
export type Record = Readonly<{ [column: string]: Value }>;

/** One answer of the publisher. */
export interface Answer {
  /** When it was complete. */
  readonly at: string;
  readonly records: readonly Record[];
}

export interface Refresh {
  readonly window: { readonly from: string; readonly to: string };
  readonly selected?: readonly string[];
  readonly answers: readonly Answer[];
}

const catalog = loadCatalog();

/** A built-in definition; without checks unless they are what is tested. */
export function dataset(
  id: string,
  timeseries: Partial<NonNullable<DatasetDefinition['timeseries']>> = {},
): DatasetDefinition {
  const definition = catalog.get(id);
  if (!definition.timeseries) throw new Error(`${id} is no time series`);
  return { ...definition, timeseries: { ...definition.timeseries, checks: [], ...timeseries } };
}

/** The stamp of the hour that starts at `start`: it names its end. */
export const stamp = (start: string): string =>
  new Date(Date.parse(start) + HOUR).toISOString().slice(0, 19).replace('T', ' ');

export const demand = (start: string, value: Value, respondent = 'PJM'): Record => ({
  period: stamp(start),
  respondent,
  'respondent-name': respondent,
  type: 'D',
  'type-name': 'Demand',
  value,
  'value-units': 'megawatthours',
  source: JSON.stringify({ period: stamp(start), respondent, value }),
});

export const fuel = (start: string, value: Value, fueltype: string, respondent = 'PJM'): Record => ({
  period: stamp(start),
  respondent,
  'respondent-name': respondent,
  fueltype,
  'type-name': fueltype,
  value,
  'value-units': 'megawatthours',
  source: JSON.stringify({ period: stamp(start), respondent, fueltype, value }),
});

export const interchange = (start: string, value: Value, fromba: string, toba: string): Record => ({
  period: stamp(start),
  fromba,
  'fromba-name': fromba,
  toba,
  'toba-name': toba,
  value,
  'value-units': 'megawatthours',
  source: JSON.stringify({ period: stamp(start), fromba, toba, value }),
});

export const hoursFrom = (start: string, count: number): string[] =>
  Array.from({ length: count }, (_, hour) => new Date(Date.parse(start) + hour * HOUR).toISOString());

/** What stands in the tables, without the numbers that depend on who came first. */
export interface StoredObservation {
  readonly series: string;
  readonly startsAt: string;
  readonly value: string | null;
  readonly quality: string;
}

/** A migrated database, and runs of time series as fetcher and coordinator would leave them to the loader. */
export class MergeWorld {
  private constructor(readonly world: World) {}

  static async open(url: string): Promise<MergeWorld> {
    return new MergeWorld(await World.open(url));
  }

  get database(): World['database'] {
    return this.world.database;
  }

  close(): Promise<void> {
    return this.world.close();
  }

  async empty(): Promise<void> {
    await this.database.execute(
      'TRUNCATE freshet.observation, freshet.observation_revision, freshet.series, freshet.merge, freshet.check_result, freshet.run, freshet.dataset CASCADE',
    );
  }

  /** A run that is staged, balanced and told to be published. */
  async stage(of: DatasetDefinition, { window, selected, answers }: Refresh): Promise<Plan> {
    const plan = await this.world.plan(of);
    const resource = of.resources[0];
    if (!resource) throw new Error(`${of.id} has no resource`);
    const rowsPerChunk = Math.max(1, ...answers.map(({ records }) => records.length));
    // Each answer becomes one chunk.
    const deliveries = answers.flatMap(({ records }, chunk) =>
      deliveriesOf(
        plan,
        { [resource.name]: records.map((record) => resource.columns.map(({ name }) => record[name] ?? null)) },
        { rowsPerChunk },
      ).map(({ batch, body }) => ({
        batch: { ...batch, chunk },
        body: Buffer.from(body.toString('utf8').replace(/^0\t/gm, `${chunk}\t`), 'utf8'),
      })),
    );
    await this.world.load(deliveries);
    const requests = answers.map(({ at, records }, chunk): RequestReport => requestReport(at, records.length, chunk));
    const manifest: TaskManifest = {
      ...manifestOf(of, deliveries),
      requests,
      window,
      selected: selected ?? of.paging?.select.values ?? [],
    };
    await this.world.readyToPublish(plan, deliveries);
    await this.database.execute(
      'UPDATE freshet.task_attempt SET manifest = $3::jsonb WHERE task_id = $1 AND attempt = $2',
      [plan.taskId, plan.attempt, JSON.stringify(manifest)],
    );
    return plan;
  }

  async refresh(of: DatasetDefinition, refresh: Refresh): Promise<Merged & { plan: Plan }> {
    const plan = await this.stage(of, refresh);
    return { ...(await this.merge(plan)), plan };
  }

  async merge(plan: Plan): Promise<Merged> {
    const merged = await mergeTimeSeries(this.database, plan.definition, plan.runId);
    if (merged.outcome !== 'skipped')
      await this.world.end(plan, merged.outcome === 'refused' ? 'failed' : merged.outcome);
    return merged;
  }

  async stored(): Promise<StoredObservation[]> {
    const rows = await this.database.query<Omit<StoredObservation, 'startsAt'> & { startsAt: Date }>(
      `SELECT s.name AS series, o.starts_at AS "startsAt", o.value, o.quality FROM freshet.observation o JOIN freshet.series s ON s.id = o.series_id ORDER BY s.dataset, s.name, o.starts_at`,
    );
    return rows.map((row) => ({ ...row, startsAt: row.startsAt.toISOString() }));
  }

  async revisions(): Promise<Array<{ series: string; startsAt: string; from: Value; to: Value; late: boolean }>> {
    const rows = await this.database.query<{ series: string; startsAt: Date; from: Value; to: Value; late: boolean }>(
      `SELECT s.name AS series, r.starts_at AS "startsAt", r.old_value AS "from", r.new_value AS "to", r.late
       FROM freshet.observation_revision r JOIN freshet.series s ON s.id = r.series_id ORDER BY r.id`,
    );
    return rows.map((row) => ({ ...row, startsAt: row.startsAt.toISOString() }));
  }
}

const requestReport = (at: string, records: number, chunk: number): RequestReport => ({
  url: `https://api.example.test/data?page=${chunk}`,
  at,
  ms: 50,
  status: 200,
  bytes: records * 200,
  sha256: randomUUID(),
  records,
  chunks: records > 0 ? [chunk, chunk] : null,
  warnings: [],
});

import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { metrics, type BatchObservableResult, type ObservableGauge } from '@opentelemetry/api';
import { CATALOG, type Catalog } from '@freshet/catalog';
import { datasetGauges, systemGauges, type Database } from '@freshet/database';
import { Engine } from '../engine/engine';
import { DATABASE } from '../tokens';
import { Recent } from './recent';

const MAX_AGE_MS = 10_000;
const RUN_STATES = ['queued', 'running', 'publishing', 'exporting'] as const;

const GAUGES = {
  leader: ['freshet_coordinator_leader', '1 in the coordinator that leads, 0 in the others'],
  oldestTask: ['freshet_coordinator_oldest_pending_task_age_seconds', 'How long the oldest pending task has waited'],
  unsent: ['freshet_coordinator_outbox_unsent', 'Messages of the outbox that are not published yet'],
  oldestUnsent: ['freshet_coordinator_outbox_oldest_age_seconds', 'Age of the oldest of them'],
  deadLetters: ['freshet_coordinator_dead_letters', 'Dead letters of the last day that were not replayed'],
  databaseBytes: ['freshet_coordinator_database_bytes', 'Size of the database'],
  runs: ['freshet_coordinator_runs', 'Runs in progress by state'],
  confirmed: [
    'freshet_coordinator_dataset_confirmed_timestamp_seconds',
    'Last confirmation by the publisher, in seconds since 1970',
  ],
  maxAge: ['freshet_coordinator_dataset_max_age_seconds', 'Age from which the dataset is stale'],
  failedRuns: ['freshet_coordinator_dataset_failed_runs', 'Failed runs since the last success'],
  failure: ['freshet_coordinator_dataset_failure', '1 with the failure code of the newest run, when that failed'],
  rows: ['freshet_coordinator_dataset_rows', 'Rows of the published generation'],
} as const satisfies Record<string, readonly [string, string]>;
type Gauges = Readonly<Record<keyof typeof GAUGES, ObservableGauge>>;

/**
 * State that alerts and dashboards look at. It is in the database, so every coordinator gives the same values, and a restart forgets
 * none of them. While the database cannot be reached there are no values: old ones would look like facts.
 */
@Injectable()
export class StateGauges implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly state: Recent<Awaited<ReturnType<StateGauges['load']>>>;
  private gauges: Gauges | null = null;

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(Engine) private readonly engine: Engine,
  ) {
    this.state = new Recent(() => this.load(), MAX_AGE_MS);
  }

  onApplicationBootstrap(): void {
    const meter = metrics.getMeter('@freshet/coordinator');
    this.gauges = Object.fromEntries(
      Object.entries(GAUGES).map(([key, [name, description]]) => [
        key,
        meter.createObservableGauge(name, { description }),
      ]),
    ) as Record<keyof typeof GAUGES, ObservableGauge>;
    meter.addBatchObservableCallback(this.observe, Object.values(this.gauges));
  }

  onApplicationShutdown(): void {
    if (this.gauges)
      metrics.getMeter('@freshet/coordinator').removeBatchObservableCallback(this.observe, Object.values(this.gauges));
  }

  private async load() {
    const [system, datasets] = await Promise.all([systemGauges(this.database), datasetGauges(this.database)]);
    return { system, datasets };
  }

  private readonly observe = async (result: BatchObservableResult): Promise<void> => {
    const { gauges } = this;
    if (!gauges) return;
    result.observe(gauges.leader, this.engine.isLeader ? 1 : 0);
    const state = await this.state.read().catch(() => null);
    if (!state) return;
    const { system, datasets } = state;
    result.observe(gauges.oldestTask, system.oldestPendingTask);
    result.observe(gauges.unsent, system.unsentMessages);
    result.observe(gauges.oldestUnsent, system.oldestUnsentMessage);
    result.observe(gauges.deadLetters, system.deadLetters);
    result.observe(gauges.databaseBytes, system.databaseBytes);
    for (const name of RUN_STATES) result.observe(gauges.runs, system.runs[name] ?? 0, { state: name });
    const ages = new Map<string, number>(this.catalog.all().map(({ id, maxAgeSeconds }) => [id, maxAgeSeconds]));
    for (const { dataset, confirmedAt, failedRuns, failure, rows } of datasets) {
      const maxAge = ages.get(dataset);
      // Of a dataset that is not defined any more nothing is expected.
      if (maxAge === undefined) continue;
      result.observe(gauges.confirmed, confirmedAt.getTime() / 1000, { dataset });
      result.observe(gauges.maxAge, maxAge, { dataset });
      result.observe(gauges.failedRuns, failedRuns, { dataset });
      if (failure !== null) result.observe(gauges.failure, 1, { dataset, code: failure });
      if (rows !== null) result.observe(gauges.rows, rows, { dataset });
    }
  };
}

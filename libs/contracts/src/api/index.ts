/** Shapes of the HTTP API `/api/v1`, shared by the coordinator and its clients. Instants are RFC 3339 in UTC. */
import type {
  AccessReport,
  Failure,
  Quality,
  RequestReport,
  RunState,
  SeriesCheckSeverity,
  TaskState,
  Trigger,
} from '@freshet/domain';

export type Freshness = 'fresh' | 'stale' | 'never';

export interface DatasetView {
  readonly id: string;
  readonly title: string;
  readonly source: string;
  readonly mode: string;
  readonly freshness: Freshness;
  /** The published generation readers see, null when there is none. */
  readonly generation: number | null;
  /** Held by a rollback until new content arrives or a refresh is forced. */
  readonly pinned: boolean;
  readonly publishedAt: string | null;
  /** When the publisher last confirmed the content: by a publication or an unchanged answer. */
  readonly confirmedAt: string | null;
  readonly maxAgeSeconds: number;
  readonly schedule: readonly string[];
  /** Why its schedule starts nothing here; null or nothing where it does. A refresh can be asked for all the same. */
  readonly notScheduled?: { readonly reason: string; readonly nextStep: string } | null;
  readonly rows: number | null;
  readonly lastRun: {
    readonly id: string;
    readonly state: RunState;
    readonly endedAt: string | null;
    readonly failure: Failure | null;
  } | null;
  /** Of time series; null for other datasets. `rows` are observations then. */
  readonly timeseries?: SeriesExtentView | null;
}

export interface SeriesExtentView {
  readonly series: number;
  /** End of the newest interval that has a value, in any series. */
  readonly dataUntil: string | null;
  /** Checks of the definition, and those that found something when they were last made, by severity; null before the first. */
  readonly checks: {
    readonly made: number;
    readonly noted: number;
    readonly suspect: number;
    readonly held: number;
  } | null;
}

export interface ProgressView {
  readonly bytesReceived: number;
  /** 0 when unknown. */
  readonly bytesExpected: number;
  readonly chunksCut: number;
  readonly chunksLoaded: number;
  readonly rowsLoaded: number;
  readonly rowsRefused: number;
}

export interface ResourceTotalsView {
  readonly resource: string;
  readonly rows: number;
  readonly refused: number;
  readonly bytes: number;
  readonly sha256: string | null;
  /** `unchanged` when the published rows were kept. */
  readonly outcome: 'published' | 'unchanged' | 'staged';
}

/**
 * What was kept or dropped although something about it was out of the ordinary: `column_added:NAME`, `column_missing:NAME`,
 * `type_mismatch:NAME`, `value_dropped:NAME`, and checks whose severity is `note`.
 */
export interface NoteView {
  readonly resource: string;
  readonly note: string;
  /** Rows concerned. */
  readonly rows: number;
}

export interface AttemptView {
  readonly attempt: number;
  readonly worker: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly end: string | null;
  readonly failure: Failure | null;
}

/** The requests of an attempt to an API, in figures. */
export interface RequestSummaryView {
  readonly count: number;
  readonly records: number;
  readonly bytes: number;
  /** Of all of them together, and of the slowest. */
  readonly ms: number;
  readonly slowestMs: number;
  /** What the publisher said beside the data, each once. */
  readonly warnings: readonly string[];
}

export interface RunView {
  readonly id: string;
  readonly dataset: string;
  readonly state: RunState;
  readonly trigger: Trigger;
  readonly force: boolean;
  readonly requestedAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly generation: number | null;
  readonly attempt: number;
  readonly taskState: TaskState | null;
  readonly access: AccessReport | null;
  readonly progress: ProgressView;
  readonly resources: readonly ResourceTotalsView[];
  /** Of the newest attempt, while its ledger is kept: that of a run which changed nothing is not. */
  readonly notes?: readonly NoteView[];
  readonly attempts: readonly AttemptView[];
  readonly files: ReadonlyArray<{
    /** Below the export root, or absolute where the coordinator knows the root. */
    readonly path: string;
    readonly bytes: number;
    readonly warning: string | null;
    readonly resource?: string;
    readonly sha256?: string;
    readonly writtenAt?: string;
  }>;
  readonly peakMemory: ReadonlyArray<{
    readonly service: string;
    readonly instance: string;
    readonly peakRssBytes: number;
  }>;
  readonly failure: Failure | null;
  /** `low` gives way to everything else: backfill. */
  readonly priority?: 'normal' | 'low';
  /** Of time series: interval starts that are asked for, half-open, and of which codes; all of the definition when empty. */
  readonly window?: { readonly from: string; readonly to: string };
  readonly only?: readonly string[];
  /** Of the newest attempt, where an API was asked. */
  readonly requests?: RequestSummaryView;
  /** Of time series, once merged: what became of its observations. */
  readonly merged?: MergedView;
}

export interface MergedView {
  readonly added: number;
  /** Revised: the old value is kept. */
  readonly changed: number;
  readonly unchanged: number;
  /** Older than what was stored: kept in the history only. */
  readonly late: number;
  /** Rows that said the same hour of the same series again. */
  readonly duplicates: number;
}

export interface StartRefreshBody {
  /** Dataset ids, or names of sources. */
  readonly datasets: readonly string[];
  readonly force?: boolean;
  /** A second request with the same key gives the runs of the first. */
  readonly idempotencyKey?: string;
  /** A local archive (standalone only). */
  readonly file?: string;
  readonly trigger?: Trigger;
  /** For time series: interval starts, half-open, RFC 3339; a rolling window when absent. */
  readonly from?: string;
  readonly to?: string;
  /** For time series: codes or aliases to ask for; everything of the definition when absent. */
  readonly only?: readonly string[];
}

export interface GenerationView {
  readonly dataset: string;
  readonly generation: number;
  readonly current: boolean;
  readonly runId: string;
  readonly publishedAt: string;
  readonly rows: number;
  readonly resources: ReadonlyArray<{
    readonly resource: string;
    readonly rows: number;
    readonly sha256: string;
    readonly rowsFrom: number;
  }>;
  /** Against the publication before; null for the first one, and until the comparison is done. */
  readonly changes?: ChangesView | null;
}

/** The change log of a publication in one line; `freshet diff` has the rest. */
export interface ChangesView {
  /** The generation it was compared with. */
  readonly from: number;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
}

export interface DiffView {
  readonly dataset: string;
  readonly from: number;
  readonly to: number;
  readonly resources: ReadonlyArray<{
    readonly resource: string;
    readonly by: 'key' | 'row_hash';
    readonly added: number;
    readonly removed: number;
    readonly changed: number;
    readonly unchanged: number;
    /** How many rows changed, per column (published name). */
    readonly changedColumns: Readonly<Record<string, number>>;
    /** A few examples; columns marked personal are masked. */
    readonly samples: ReadonlyArray<{
      readonly change: 'added' | 'removed' | 'changed';
      readonly key: Readonly<Record<string, string | null>>;
      readonly before?: Readonly<Record<string, string | null>>;
      readonly after?: Readonly<Record<string, string | null>>;
    }>;
  }>;
}

export interface QuarantineView {
  readonly id: string;
  readonly dataset: string;
  readonly runId: string;
  readonly resource: string;
  readonly chunk: number;
  readonly row: number;
  readonly reason: string;
  readonly column: string | null;
  readonly detail: string;
  /** Masked where the resource has personal columns. */
  readonly record: string;
}

export interface DeadLetterView {
  readonly id: string;
  readonly topic: string;
  readonly key: string | null;
  readonly code: string;
  readonly reason: string;
  readonly step: string;
  readonly runId: string | null;
  readonly receivedAt: string;
  readonly replayedAt: string | null;
  readonly bytes: number;
}

/** Answer of `POST datasets/:id/export`: the run whose files are being written again. */
export interface ExportRequestedView {
  readonly dataset: string;
  readonly generation: number;
  readonly runId: string;
}

/** Answer of `POST datasets/:id/health-check`: what is being looked at; the results are with the checks, without a run. */
export interface HealthCheckRequestedView {
  readonly dataset: string;
  /** Interval starts, half-open. */
  readonly from: string;
  readonly to: string;
}

/** Answer of `POST datasets/:id/rollback`. */
export interface RollbackView {
  readonly from: number;
  readonly to: number;
}

/** Answer of `POST dead-letters/:id/replay`: the runs that were started again, none when the message belonged to no run. */
export interface ReplayView {
  readonly runs: readonly RunView[];
}

/** One thing that was looked at by `GET doctor`. */
export interface DoctorCheckView {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly nextStep?: string;
  /** Not everybody needs it: where it is not ok, that is no failure of the whole. */
  readonly optional?: boolean;
}
export interface DoctorView {
  readonly checks: readonly DoctorCheckView[];
}

/** What `npm start` writes into `<data dir>/standalone.json`, so that the CLI on the same machine finds it. */
export interface StandaloneConnection {
  readonly url: string;
  readonly token: string;
  /** Folder below which exports are written. */
  readonly exportRoot?: string;
  /** Folder of further or overriding definitions it was started with. */
  readonly datasetsDir?: string;
  /** For reading the views with psql, pandas or another client; with its password, so the file is its owner's only. */
  readonly databaseUrl?: string;
  readonly pid?: number;
}

export interface ProblemBody {
  /** Message for a person; `details` lists every mistake of the request. */
  readonly error: string;
  readonly nextStep?: string;
  readonly details?: readonly string[];
}

/** A page of a list; `next` is the cursor to go on from, null at the end. */
export interface PageView<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export interface SeriesView {
  readonly dataset: string;
  /** `PJM.demand` */
  readonly name: string;
  readonly respondent: string;
  /** A sum over other respondents: adding it to them counts twice. */
  readonly aggregate: boolean;
  readonly kind: string;
  readonly unit: string;
  /** The publisher's codes, by column. */
  readonly codes: Readonly<Record<string, string | null>>;
  readonly resolutionSeconds: number;
  /** Of the first and the newest stored interval, null when there is none. */
  readonly firstStartsAt: string | null;
  readonly lastEndsAt: string | null;
}

export interface ObservationView {
  readonly series: string;
  /** Start and end of the interval. */
  readonly startsAt: string;
  readonly endsAt: string;
  /** Exact decimal as text; null where the publisher has none. */
  readonly value: string | null;
  readonly unit: string;
  readonly quality: Quality;
  /** Where a known mistake of the publisher's stamp is corrected. */
  readonly correctedStartsAt: string | null;
  /** When the value was first seen, and how often it was revised since. */
  readonly firstSeen: string;
  readonly revisions: number;
}

/** Consecutive intervals of a series that are not stored (`absent`) or stored without a value (`missing`). */
export interface GapView {
  readonly dataset: string;
  readonly series: string;
  readonly respondent: string;
  readonly from: string;
  readonly to: string;
  readonly intervals: number;
  readonly kind: 'absent' | 'missing';
  /** How often it was asked for by itself, and whether that was given up. */
  readonly tries: number;
  readonly givenUp: boolean;
}

export interface CheckResultView {
  readonly dataset: string;
  /** Null for the health check. */
  readonly runId: string | null;
  readonly name: string;
  readonly kind: string;
  readonly severity: SeriesCheckSeverity;
  readonly from: string;
  readonly to: string;
  readonly evaluated: number;
  readonly failed: number;
  readonly examples: ReadonlyArray<{
    readonly series: string;
    readonly startsAt: string;
    readonly value: string | null;
    readonly detail: string;
  }>;
  readonly checkedAt: string;
}

/** Where one value came from. */
export interface LineageStepView {
  readonly value: string | null;
  readonly quality: string;
  readonly seenAt: string;
  readonly runId: string;
  readonly taskId: string;
  readonly attempt: number;
  readonly contentVersion: string;
  /** Position of its row: chunk and row in the chunk. */
  readonly chunk: number;
  readonly row: number;
  readonly request: RequestReport | null;
  /** The row as received. */
  readonly source: string;
  /** An answer that was older than the value stored already. */
  readonly late: boolean;
}

export interface LineageView {
  readonly dataset: string;
  readonly series: string;
  readonly startsAt: string;
  readonly endsAt: string;
  /** Current value first, then what it replaced. */
  readonly steps: readonly LineageStepView[];
  /** When the window was last confirmed by the publisher, and by which run. */
  readonly lastConfirmed: { readonly at: string; readonly runId: string } | null;
}

export interface StartBackfillBody {
  readonly from: string;
  readonly to: string;
  /** Codes or aliases; everything of the definition when absent. */
  readonly only?: readonly string[];
  /** Also windows that are complete. */
  readonly force?: boolean;
  readonly idempotencyKey?: string;
}

export interface BackfillPartitionView {
  readonly selected: string;
  readonly from: string;
  readonly to: string;
  readonly state: 'pending' | 'leased' | 'done' | 'skipped' | 'failed';
  readonly reason: string | null;
  readonly runId: string | null;
}

export interface BackfillView {
  readonly id: string;
  readonly dataset: string;
  readonly origin: 'manual' | 'gap';
  readonly from: string;
  readonly to: string;
  readonly selected: readonly string[];
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  readonly requestedAt: string;
  readonly counts: Readonly<Record<BackfillPartitionView['state'], number>>;
  /** Absent in lists. */
  readonly partitions?: readonly BackfillPartitionView[];
}

/** What a backfill would do. */
export interface BackfillPlanView {
  readonly dataset: string;
  readonly from: string;
  readonly to: string;
  readonly partitions: ReadonlyArray<{
    readonly selected: string;
    readonly from: string;
    readonly to: string;
    readonly requests: number;
    /** Intervals that are not stored, of those a complete window would have. */
    readonly missing: number;
    readonly skip: string | null;
  }>;
  readonly requests: number;
  /** By the rate limit alone. */
  readonly estimatedSeconds: number;
}

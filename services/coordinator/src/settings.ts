import type { WatchdogLimits } from '@freshet/domain';
import type { ApiToken } from './control/tokens';

/** What a coordinator is told; made from the environment by `config.ts`, or by standalone. */
export interface CoordinatorSettings {
  /** One process on one machine: `--file` is allowed, and without tokens the API is open to this machine. */
  readonly standalone: boolean;
  readonly tokens: readonly ApiToken[];
  /** What fetchers present over gRPC; none when no fetcher comes that way. */
  readonly workerTokens: readonly string[];
  /** Null: no gRPC server. Port 0 takes a free one. */
  readonly grpc: { readonly host: string; readonly port: number } | null;
  readonly leaseMs: number;
  /** Pause between two looks at the runs, while some are active and while none is. */
  readonly tickMs: { readonly active: number; readonly idle: number };
  readonly watchdog: WatchdogLimits;
  /** Start refreshes by the schedules of the definitions. In the cluster CronJobs do that. */
  readonly schedule: boolean;
  /** At the first leadership take back whatever a former process had in flight: only where all services live in one process. */
  readonly expireLeasesAtStart: boolean;
  /** Where the loader writes files; for `doctor` only, null when this process does not see it. */
  readonly exportRoot: string | null;
  /** Variables of the credentials that a fetcher in this process has; null where fetchers are processes of their own. */
  readonly credentials: ReadonlySet<string> | null;
  /** Pause between two looks at what time series miss. */
  readonly gapsEveryMs: number;
  /** How long sent messages stay in the outbox, for looking at. */
  readonly keepSentSeconds: number;
  /** How long ended runs and check results are kept, where nothing needs them any more. */
  readonly keepRunsDays: number;
}

export const DEFAULT_SETTINGS: CoordinatorSettings = {
  standalone: false,
  tokens: [],
  workerTokens: [],
  grpc: null,
  leaseMs: 30_000,
  tickMs: { active: 150, idle: 2_000 },
  watchdog: { unclaimedMs: 120_000, noProgressMs: 300_000, commandMs: 120_000 },
  schedule: false,
  expireLeasesAtStart: false,
  exportRoot: null,
  credentials: null,
  gapsEveryMs: 180_000,
  keepSentSeconds: 3_600,
  keepRunsDays: 90,
};

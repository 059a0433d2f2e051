import { clusterVariables, commonVariables, databaseVariables, variables } from '@freshet/runtime';
import { z } from 'zod';
import { parseApiTokens } from './control/tokens';
import { DEFAULT_SETTINGS, type CoordinatorSettings } from './settings';

const seconds = (fallbackMs: number) => variables.integer(fallbackMs / 1000, 1, 86_400);
const { watchdog, leaseMs, tickMs, gapsEveryMs, keepSentSeconds, keepRunsDays } = DEFAULT_SETTINGS;

/** Pause between two looks at what time series miss. */
export const gapsVariable = seconds(gapsEveryMs);

/** How long ended runs are kept. */
export const keepRunsVariable = variables.integer(keepRunsDays, 1, 36_500);

/** `name:role:token,…` as a variable of the environment. */
export const apiTokens = z
  .string({ error: 'expected name:role:token, separated by commas (roles: reader, operator)' })
  .transform((text, context) => {
    try {
      const tokens = parseApiTokens(text);
      if (tokens.length > 0) return tokens;
      context.addIssue({ code: 'custom', message: 'names no token' });
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    }
    return z.NEVER;
  });

export const configSchema = z.object({
  ...commonVariables,
  ...clusterVariables,
  ...databaseVariables,
  /** `name:role:token,…`, roles reader and operator. Without one nobody could use the API, so the service does not start. */
  FRESHET_API_TOKENS: apiTokens,
  /** What fetchers may present: several, separated by commas, while the token is being replaced. */
  FRESHET_WORKER_TOKEN: variables.tokens('expected the token that fetchers present, 16 characters or more'),
  FRESHET_GRPC_PORT: variables.port(9090),
  FRESHET_LEASE_SECONDS: seconds(leaseMs),
  FRESHET_TICK_MS: variables.integer(tickMs.active, 20, 10_000),
  FRESHET_IDLE_TICK_MS: variables.integer(tickMs.idle, 20, 60_000),
  FRESHET_UNCLAIMED_SECONDS: seconds(watchdog.unclaimedMs),
  FRESHET_NO_PROGRESS_SECONDS: seconds(watchdog.noProgressMs),
  FRESHET_COMMAND_SECONDS: seconds(watchdog.commandMs),
  /** Start refreshes by the schedules of the definitions here; CronJobs do it in the cluster, and both together start a tick once. */
  FRESHET_SCHEDULES: variables.boolean(false),
  /** Pause between two looks at what time series miss. */
  FRESHET_GAPS_SECONDS: gapsVariable,
  FRESHET_EXPORT_ROOT: z.string().optional(),
  /** Where nothing needs them any more: of kept generations, and the newest of a dataset, they stay. */
  FRESHET_KEEP_RUNS_DAYS: keepRunsVariable,
});

/** Of `migrate.js`. */
export const migrateSchema = z.object({
  ...commonVariables,
  FRESHET_DATABASE_URL: databaseVariables.FRESHET_DATABASE_URL,
  /** For the server to answer, and for a lock. */
  FRESHET_MIGRATE_WAIT_SECONDS: variables.integer(300, 0, 3_600),
});

export type Config = z.infer<typeof configSchema>;

export const settingsOf = (config: Config): CoordinatorSettings => ({
  standalone: false,
  tokens: config.FRESHET_API_TOKENS,
  workerTokens: config.FRESHET_WORKER_TOKEN,
  grpc: { host: '0.0.0.0', port: config.FRESHET_GRPC_PORT },
  leaseMs: config.FRESHET_LEASE_SECONDS * 1000,
  tickMs: { active: config.FRESHET_TICK_MS, idle: config.FRESHET_IDLE_TICK_MS },
  watchdog: {
    unclaimedMs: config.FRESHET_UNCLAIMED_SECONDS * 1000,
    noProgressMs: config.FRESHET_NO_PROGRESS_SECONDS * 1000,
    commandMs: config.FRESHET_COMMAND_SECONDS * 1000,
  },
  schedule: config.FRESHET_SCHEDULES,
  expireLeasesAtStart: false,
  exportRoot: config.FRESHET_EXPORT_ROOT ?? null,
  credentials: null,
  gapsEveryMs: config.FRESHET_GAPS_SECONDS * 1000,
  keepSentSeconds,
  keepRunsDays: config.FRESHET_KEEP_RUNS_DAYS,
});

import { reporterVariables } from '@freshet/reporter-service';
import { apiTokens, gapsVariable, keepRunsVariable } from '@freshet/coordinator-service';
import { commonVariables, variables } from '@freshet/runtime';
import { z } from 'zod';

/** What standalone reads from the environment. Everything has a default that works on a laptop. */
export const standaloneSchema = z.object({
  ...commonVariables,
  FRESHET_LOG_LEVEL: commonVariables.FRESHET_LOG_LEVEL.default('info'),
  FRESHET_LOG_FORMAT: commonVariables.FRESHET_LOG_FORMAT.default('text'),
  /** 8080, or a free port where that is taken; a port named here is used or the start fails. */
  FRESHET_HTTP_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  /** Folder of everything standalone keeps. */
  FRESHET_HOME: z.string().default('.freshet'),
  /** Folder below which exports are written; `files` in FRESHET_HOME when not set. */
  FRESHET_EXPORT_ROOT: z.string().optional(),
  /** Dataset definitions that add to or replace the built-in ones. */
  FRESHET_DATASETS_DIR: z.string().optional(),
  /** A PostgreSQL of yours instead of the one that comes along. */
  FRESHET_DATABASE_URL: z.string().optional(),
  /** Whether the schedules of the definitions start refreshes. */
  FRESHET_SCHEDULES: variables.boolean(true),
  /** Seconds between two looks at what time series miss. */
  FRESHET_GAPS_SECONDS: gapsVariable,
  /** How many days ended runs and check results are kept, where nothing needs them any more. */
  FRESHET_KEEP_RUNS_DAYS: keepRunsVariable,
  FRESHET_CHUNK_BYTES: variables.integer(512 * 1024, 4 * 1024, 768 * 1024),
  /** Further tokens, as in the cluster; the one in `standalone.json` always works. */
  FRESHET_API_TOKENS: apiTokens.optional(),
  /** Where the gRPC control API listens (127.0.0.1); nowhere when not set. */
  FRESHET_GRPC_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  ...reporterVariables,
});

export type StandaloneConfig = z.infer<typeof standaloneSchema>;

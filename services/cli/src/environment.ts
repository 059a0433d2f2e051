import { readConfig } from '@freshet/runtime/config';
import { z } from 'zod';

/** Variables the command reads; a token may stand in the file named by FRESHET_TOKEN_FILE. */
export const environmentSchema = z.object({
  /** Address of the coordinator. */
  FRESHET_URL: z.url({ protocol: /^https?$/, error: 'not an http or https address' }).optional(),
  FRESHET_TOKEN: z.string().optional(),
  /** Data folder of the standalone, instead of `.freshet` in the working directory or above it. */
  FRESHET_HOME: z.string().optional(),
  /** Folder below which exports are written, for paths that the API gives relative to it. */
  FRESHET_EXPORT_ROOT: z.string().optional(),
  /** Extra or overriding dataset definitions, for `freshet probe`. */
  FRESHET_DATASETS_DIR: z.string().optional(),
  /** Python interpreter for comparing .bin files, instead of the first that is found. */
  FRESHET_PYTHON: z.string().optional(),
  /** A file that says why a command ended with a code other than 0: in a pod, /dev/termination-log. */
  FRESHET_TERMINATION_LOG: z.string().optional(),
  /** How long to wait for a coordinator that does not answer, at the start of a refresh too; 120 s while following when absent. */
  FRESHET_PATIENCE_SECONDS: z.coerce.number().int().min(0).max(604_800).optional(),
  /** Name of the CronJob, and name and uid of the Job of this pod. */
  FRESHET_CRONJOB_NAME: z.string().optional(),
  FRESHET_JOB_NAME: z.string().optional(),
  FRESHET_JOB_UID: z.string().max(100).optional(),
  /** How much later than the schedule of the definition the CronJob starts. */
  FRESHET_SCHEDULE_DELAY_SECONDS: z.coerce.number().int().min(0).max(86_400).optional(),
  /** The tick that this refresh is for, where something other than a CronJob starts it. */
  FRESHET_SCHEDULED_AT: z.string().optional(),
  /** https://no-color.org */
  NO_COLOR: z.string().optional(),
  /** Set by Git Bash and other MSYS shells. */
  MSYSTEM: z.string().optional(),
});
export type Environment = z.infer<typeof environmentSchema>;

/** @throws ConfigError naming every mistake. */
export const readEnvironment = (): Environment => readConfig(environmentSchema);

/** Where to say why, when the rest of the environment cannot be read. */
export function terminationLogPath(): string | undefined {
  try {
    return readConfig(environmentSchema.pick({ FRESHET_TERMINATION_LOG: true })).FRESHET_TERMINATION_LOG;
  } catch {
    return undefined;
  }
}

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
  /** https://no-color.org */
  NO_COLOR: z.string().optional(),
  /** Set by Git Bash and other MSYS shells. */
  MSYSTEM: z.string().optional(),
});
export type Environment = z.infer<typeof environmentSchema>;

/** @throws ConfigError naming every mistake. */
export const readEnvironment = (): Environment => readConfig(environmentSchema);

import { clusterVariables, commonVariables, databaseVariables, variables } from '@freshet/runtime';
import { z } from 'zod';

export const configSchema = z.object({
  ...commonVariables,
  ...clusterVariables,
  ...databaseVariables,
  /** Folder below which exports are written, one for all replicas. */
  FRESHET_EXPORT_ROOT: z.string().default('exports'),
  /** Batches loaded at the same time; each uses a connection. */
  FRESHET_MAX_IN_FLIGHT: variables.integer(3, 1, 64),
});

export type Config = z.infer<typeof configSchema>;

import { commonVariables, variables } from '@freshet/runtime';
import { z } from 'zod';

export const loaderSchema = z.object({
  ...commonVariables,
  FRESHET_KAFKA_BROKERS: variables.list().refine((brokers) => brokers.length > 0, 'name at least one broker as host:port'),
  FRESHET_DATABASE_URL: z.string({ error: 'required: postgres://user:password@host:port/database' }).min(1),
  /** Folder below which exports are written, one for all replicas. */
  FRESHET_EXPORT_ROOT: z.string().default('exports'),
  FRESHET_DATASETS_DIR: z.string().optional(),
  /** Batches loaded at the same time in this process; each uses a connection. */
  FRESHET_LOADER_PARALLEL: variables.integer(3, 1, 32),
});

export type LoaderConfig = z.infer<typeof loaderSchema>;

import { commonVariables, variables } from '@freshet/runtime';
import { z } from 'zod';

export const configSchema = z.object({
  ...commonVariables,
  FRESHET_KAFKA_BROKERS: variables.list().refine((brokers) => brokers.length > 0, 'name at least one broker as host:port'),
  FRESHET_DATABASE_URL: z.string({ error: 'required: postgres://user:password@host:port/database' }).min(1),
  /** Folder below which exports are written, one for all replicas. */
  FRESHET_EXPORT_ROOT: z.string().default('exports'),
  FRESHET_DATASETS_DIR: z.string().optional(),
  /** Largest message; the same for all services and topics. */
  FRESHET_MAX_MESSAGE_BYTES: variables.integer(4 * 1024 * 1024, 65_536),
  /** Batches loaded at the same time; each uses a connection. */
  FRESHET_MAX_IN_FLIGHT: variables.integer(3, 1, 64),
});

export type Config = z.infer<typeof configSchema>;

import { clusterVariables, commonVariables, variables } from '@freshet/runtime';
import { z } from 'zod';
import { DEFAULT_OPTIONS } from './options';

export const configSchema = z.object({
  ...commonVariables,
  ...clusterVariables,
  /** host:port of the coordinator's gRPC. */
  FRESHET_COORDINATOR_GRPC: z
    .string({ error: 'expected host:port of the coordinator' })
    .regex(/:\d+$/, 'expected host:port'),
  /** What the coordinator knows its fetchers by. Of several, separated by commas, the first is presented: all services may read one Secret. */
  FRESHET_WORKER_TOKEN: variables.tokens('expected the token the coordinator has, 16 characters or more'),
  /** Size at which a chunk is closed. With one record more, and a frame, it must fit into a message. */
  FRESHET_CHUNK_BYTES: variables.integer(DEFAULT_OPTIONS.chunkBytes, 4 * 1024, 8 * 1024 * 1024),
  /** Downloads at the same time. Each takes about 30 MiB. */
  FRESHET_MAX_DOWNLOADS: variables.integer(DEFAULT_OPTIONS.maxDownloads, 1, 16),
});

export type Config = z.infer<typeof configSchema>;

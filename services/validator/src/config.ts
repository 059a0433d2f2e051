import { commonVariables, variables } from '@freshet/runtime';
import { z } from 'zod';
import { DEFAULT_MAX_MESSAGE_BYTES } from './options';

export const configSchema = z.object({
  ...commonVariables,
  FRESHET_KAFKA_BROKERS: variables
    .list()
    .refine((brokers) => brokers.length > 0, 'expected host:port, or several of them'),
  /** A folder of further or overriding dataset definitions. */
  FRESHET_DATASETS_DIR: z.string().optional(),
  /** Largest message; the same for all services and topics. */
  FRESHET_MAX_MESSAGE_BYTES: variables.integer(DEFAULT_MAX_MESSAGE_BYTES, 65_536),
  /** Batches checked at the same time: more than a few only helps to hide the time that publishing takes. */
  FRESHET_MAX_IN_FLIGHT: variables.integer(3, 1, 64),
});

export type Config = z.infer<typeof configSchema>;

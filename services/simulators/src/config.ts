import { variables } from '@freshet/runtime/config';
import { z } from 'zod';

export const configSchema = z.object({
  FRESHET_BSEE_PORT: variables.port(8081),
  FRESHET_EIA_PORT: variables.port(8082),
  FRESHET_CONTROL_PORT: variables.port(8083),
  /** How large the archives are: `tiny`, `demo`, or a share of the real ones (1: 2.0 million rows of well activity). */
  FRESHET_SIMULATOR_SCALE: z.union([z.enum(['tiny', 'demo']), z.coerce.number().positive().max(8)]).default('demo'),
  /** Of the archives' bodies; as fast as it goes when not set. */
  FRESHET_SIMULATOR_BYTES_PER_SECOND: z.coerce.number().int().positive().optional(),
});

export type Config = z.infer<typeof configSchema>;

import { clusterVariables, commonVariables, variables } from '@freshet/runtime';
import { z } from 'zod';

export const configSchema = z.object({
  ...commonVariables,
  ...clusterVariables,
  /** Chunks parsed at the same time: more than a few only helps to hide the time that publishing takes. */
  FRESHET_MAX_IN_FLIGHT: variables.integer(3, 1, 64),
});

export type Config = z.infer<typeof configSchema>;

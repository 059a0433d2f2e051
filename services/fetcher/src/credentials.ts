import type { DatasetDefinition } from '@freshet/domain';

/** Names of the variables that hold the credentials of definitions; where they are read is for the process to say. */
export const credentialVariables = (definitions: readonly DatasetDefinition[]): string[] => [
  ...new Set(definitions.flatMap(({ credential }) => (credential ? [credential.variable] : []))),
];

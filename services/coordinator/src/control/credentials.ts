import type { Credential, DatasetDefinition } from '@freshet/domain';
import type { CoordinatorSettings } from '../settings';

type Known = Pick<CoordinatorSettings, 'credentials'>;

/** Why the schedule of a dataset starts nothing here, and what to do. */
export interface NotScheduled {
  readonly reason: string;
  readonly nextStep: string;
}

/**
 * The credential without which a dataset cannot be fetched, and which is not there. Null where the fetcher has it, needs none, or
 * is another process: then only that one knows.
 */
export function missingCredential({ credential }: DatasetDefinition, { credentials }: Known): Credential | null {
  if (!credential?.required || credentials === null) return null;
  return credentials.has(credential.variable) ? null : credential;
}

/** Null for datasets without a schedule: nobody expects anything of them. */
export function notScheduled(definition: DatasetDefinition, known: Known): NotScheduled | null {
  const missing = definition.schedule ? missingCredential(definition, known) : null;
  return missing && { reason: `${missing.variable} is not set`, nextStep: howToSet(missing) };
}

export const howToSet = ({ variable, register }: Credential): string =>
  `${register ? `A key is to be had at ${register}.` : 'Get a key from the publisher.'} Set ${variable} (or ${variable}_FILE, the path of a file with it) and start Freshet again.`;

/** Datasets that their schedules leave out, by what they lack. */
export function leftOut(
  definitions: readonly DatasetDefinition[],
  known: Known,
): ReadonlyArray<NotScheduled & { readonly datasets: readonly string[] }> {
  const found = new Map<string, NotScheduled & { readonly datasets: string[] }>();
  for (const definition of definitions) {
    const why = notScheduled(definition, known);
    if (!why) continue;
    const same = found.get(why.reason);
    if (same) same.datasets.push(definition.id);
    else found.set(why.reason, { ...why, datasets: [definition.id] });
  }
  return [...found.values()];
}

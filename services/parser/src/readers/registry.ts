import { FreshetError, type DatasetDefinition } from '@freshet/domain';
import { createCsvReader } from './csv-reader';
import type { ReaderFactory } from './reader';

/** Every reader there is, by the name a definition gives. */
export const READERS: Readonly<Record<string, ReaderFactory>> = { csv: createCsvReader };

/** @throws FreshetError `definition_invalid` at start-up when a definition names a reader that does not exist. */
export function assertReaders(definitions: readonly DatasetDefinition[]): void {
  const missing = definitions.flatMap((definition) =>
    definition.resources
      .filter(({ format }) => !Object.hasOwn(READERS, format.reader))
      .map(({ name, format }) => `${definition.id} ${name}: ${format.reader}`),
  );
  if (missing.length === 0) return;
  throw new FreshetError('definition_invalid', {
    message: `definitions name readers that do not exist: ${missing.join(', ')}`,
    nextStep: `Use one of: ${Object.keys(READERS).join(', ')}.`,
  });
}

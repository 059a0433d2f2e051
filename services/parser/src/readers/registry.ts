import { FreshetError, type DatasetDefinition, type ResourceFormat } from '@freshet/domain';
import { createCsvReader } from './csv-reader';
import { createJsonReader } from './json-reader';
import type { ReaderFactory, RecordReader } from './reader';

/** Every reader there is, by the name a definition gives. */
export const READERS: {
  readonly [Name in ResourceFormat['reader']]: ReaderFactory<Extract<ResourceFormat, { reader: Name }>>;
} = {
  csv: createCsvReader,
  json: createJsonReader,
};

export const readerOf = (format: ResourceFormat, header: readonly string[]): RecordReader =>
  (READERS[format.reader] as ReaderFactory)(format, header);

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

import type { ResourceDefinition, ResourceFormat } from '@freshet/domain';
import { CsvCutter } from './csv-cutter';
import type { Cutter } from './cutter';
import { JsonArrayCutter } from './json-array-cutter';

type Of<Name extends ResourceFormat['reader']> = Extract<ResourceFormat, { reader: Name }>;
type CutterFactory<Format extends ResourceFormat = ResourceFormat> = (
  format: Format,
  resource: ResourceDefinition,
  chunkBytes: number,
) => Cutter;

/** One cutter a format, for a resource that is one body: listed here, named by the reader of the format. */
export const CUTTERS: { readonly [Name in ResourceFormat['reader']]: CutterFactory<Of<Name>> } = {
  csv: (format, { maxRecordBytes, name }, chunkBytes) =>
    new CsvCutter(format, { chunkBytes, maxRecordBytes, resource: name }),
  /** The body is the array itself. */
  json: ({ record }, { maxRecordBytes, name, columns }, chunkBytes) =>
    new JsonArrayCutter({
      ...{ chunkBytes, maxRecordBytes, resource: name, path: [], record },
      columns: columns.map((column) => column.name),
    }),
};

export const cutterOf = (resource: ResourceDefinition, chunkBytes: number): Cutter =>
  (CUTTERS[resource.format.reader] as CutterFactory)(resource.format, resource, chunkBytes);

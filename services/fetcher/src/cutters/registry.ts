import type { ResourceDefinition } from '@freshet/domain';
import { CsvCutter } from './csv-cutter';
import type { Cutter } from './cutter';

type CutterFactory = (resource: ResourceDefinition, chunkBytes: number) => Cutter;

/** One cutter a format: listed here, named by the reader of the format. */
export const CUTTERS: Readonly<Record<ResourceDefinition['format']['reader'], CutterFactory>> = {
  csv: (resource, chunkBytes) =>
    new CsvCutter(resource.format, { chunkBytes, maxRecordBytes: resource.maxRecordBytes, resource: resource.name }),
};

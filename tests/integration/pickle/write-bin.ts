import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredColumn } from '@freshet/contracts';
import { silentLogger, type PickleExport, type ResourceDefinition } from '@freshet/domain';
// The writer is a part of the service that nothing outside it uses; its package exports only its modules.
import { PickleWriter } from '../../../services/loader/src/writers/pickle';
import type { ExportedFile } from '../../../services/loader/src/writers/writer';

export interface Table {
  readonly columns: readonly StoredColumn[];
  readonly rows: Buffer;
  readonly summaries: readonly unknown[];
}

export const resource = (member: string, dateFormats: readonly string[]): ResourceDefinition => ({
  name: member,
  member,
  required: true,
  format: { reader: 'csv', delimiter: ',', quote: '"', header: true, encoding: 'windows-1252' },
  columns: [],
  key: [],
  contract: { unknownColumn: 'evolve', missingColumn: 'freeze', valueType: 'evolve' },
  nulls: { empty: true, words: [] },
  dateFormats,
  maxRecordBytes: 1 << 20,
});

/** Rows in buffers of an awkward size, so that lines and fields end anywhere. */
export async function* inPieces(rows: Buffer, size: number): AsyncIterable<Buffer> {
  for (let at = 0; at < rows.length; at += size) yield rows.subarray(at, at + size);
}

export async function writeBin(
  root: string,
  folder: string,
  definition: ResourceDefinition,
  table: Table,
  dtypes: PickleExport['dtypes'] = 'legacy',
): Promise<ExportedFile> {
  const openRows = (): AsyncIterable<Buffer> => inPieces(table.rows, 65_537);
  const [file] = await new PickleWriter(silentLogger).write({
    generation: 1,
    resource: { dataset: 'test.pickle', definition, rowsFrom: 1, rows: table.rows.length === 0 ? 0 : 1, sha256: '' },
    rows: openRows(),
    openRows,
    summaries: table.summaries,
    columns: table.columns,
    export: { kind: 'pickle', folder, dtypes, warnBytes: 100_000_000 },
    root,
    signal: new AbortController().signal,
  });
  if (!file) throw new Error('the writer wrote nothing');
  return file;
}

/** A folder for one test, removed after it. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-pickle-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A file name for a value that is handed to a script. */
export async function writeJson(folder: string, name: string, value: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, JSON.stringify(value));
  return path;
}

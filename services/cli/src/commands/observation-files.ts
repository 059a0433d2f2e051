import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { parse as parsePath, join } from 'node:path';
import type { FileFormat, ObservationsQuery } from '@freshet/client';
import { CommandFailed, UsageError } from '../exit';
import { bytes } from '../output/format';
import type { Session } from '../session';
import { pathOf } from './refresh';

export const FORMATS = ['csv', 'json', 'arrow', 'parquet'] as const;
export type Format = (typeof FORMATS)[number];

interface Written {
  readonly file: string;
  readonly bytes: number;
}

/** Writes everything that `query` finds; pages as large as the coordinator gives are held, never the whole. */
export async function writeObservations(
  session: Session,
  query: ObservationsQuery,
  format: Format,
  out: string | undefined,
): Promise<void> {
  const { print } = session;
  if (out === undefined) {
    if (print.json) throw new UsageError('--json and --format both say what goes to standard output', 'Add --out.');
    if (format !== 'csv' && format !== 'json')
      throw new UsageError(`--format ${format} is not text`, `Add --out observations.${format}.`);
    for await (const text of textParts(session, query, format)) session.world.stdout.write(text);
    return;
  }
  const path = pathOf(session, out);
  const files =
    format === 'csv' || format === 'json'
      ? [await writeWhole(path, textParts(session, query, format))]
      : await writePages(session, path, query, format);
  print.result({ files }, () => {
    for (const { file, bytes: size } of files) print.line(`${file}  (${bytes(size)})`);
    if (files.length > 1) print.note(`A file holds one page: read all ${files.length} as one table.`);
  });
}

/** All rows as one text, page by page: CSV with one header, or one JSON array. */
async function* textParts(
  { client }: Session,
  query: ObservationsQuery,
  format: 'csv' | 'json',
): AsyncGenerator<string> {
  if (format === 'csv') {
    for (let cursor: string | null | undefined = undefined, first = true; cursor !== null; first = false) {
      const page = await client.observationFile({ ...query, cursor }, 'csv');
      const text = Buffer.from(page.bytes).toString('utf8');
      // A name has no line break in it: the header ends with the first one.
      yield first ? text : text.slice(text.indexOf('\r\n') + 2);
      cursor = page.next;
    }
    return;
  }
  let separator = '[\n';
  for await (const items of client.observationPages({ ...query, limit: 10_000 })) {
    for (const item of items) {
      yield separator + JSON.stringify(item);
      separator = ',\n';
    }
  }
  yield separator === '[\n' ? '[]\n' : '\n]\n';
}

/** Binary formats cannot be put together: a page is a file, `name.parquet`, `name-2.parquet`, … */
async function writePages(
  { client }: Session,
  path: string,
  query: ObservationsQuery,
  format: FileFormat,
): Promise<Written[]> {
  const { dir, name, ext } = parsePath(path);
  const files: Written[] = [];
  for (let cursor: string | null | undefined = undefined; cursor !== null;) {
    const page = await client.observationFile({ ...query, cursor }, format);
    const file = files.length === 0 ? path : join(dir, `${name}-${files.length + 1}${ext}`);
    files.push(await writeWhole(file, [page.bytes]));
    cursor = page.next;
  }
  return files;
}

/** The file is there when all of it is: it is written beside its place and renamed. */
async function writeWhole(file: string, parts: AsyncIterable<string> | Iterable<Uint8Array>): Promise<Written> {
  const beside = `${file}.part`;
  let size = 0;
  let handle: FileHandle | undefined;
  try {
    handle = await open(beside, 'w');
    for await (const part of parts) size += (await handle.write(Buffer.from(part))).bytesWritten;
    await handle.close();
    await rename(beside, file);
  } catch (error) {
    await handle?.close().catch(() => undefined);
    await rm(beside, { force: true });
    if (!isFileError(error)) throw error;
    throw new CommandFailed(`${file} cannot be written: ${error.code}`, 'Name another file with --out.');
  }
  return { file, bytes: size };
}

const isFileError = (error: unknown): error is { readonly code: string } =>
  typeof error === 'object' && error !== null && 'syscall' in error && 'code' in error;

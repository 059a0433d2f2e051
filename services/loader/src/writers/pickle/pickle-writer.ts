import { isAbsolute, join, parse, posix, relative, resolve, sep } from 'node:path';
import type { StoredColumn } from '@freshet/contracts';
import {
  FreshetError,
  mergeColumnSummaries,
  readColumnSummaries,
  storedName,
  type ColumnSummary,
  type Logger,
} from '@freshet/domain';
import { PART_SUFFIX, type CopyRows, type ExportedFile, type ExportRequest, type ExportWriter } from '../writer';
import { ColumnMisfit } from './column';
import { PartFile, type PartFileOptions } from './part-file';
import { summarizeRows } from './summarize-rows';
import { writePickle } from './write-pickle';

/**
 * Writes a resource as `<root>/<folder>/<member stem>.bin`, the pickle of one `pandas.DataFrame`.
 *
 * Delivery: the file is replaced whole or not at all, and is on disk when `write` returns. Writing the same rows again gives
 * the same bytes.
 */
export class PickleWriter implements ExportWriter {
  readonly kind = 'pickle';

  constructor(
    private readonly logger: Logger,
    private readonly files: Omit<PartFileOptions, 'suffix'> = {},
  ) {}

  async write(given: ExportRequest): Promise<readonly ExportedFile[]> {
    const request = { ...given, columns: columnsOf(given) };
    const path = filePath(request);
    const target = insideRoot(request.root, path);
    try {
      const known = chunkSummaries(request);
      if (known) {
        try {
          return [await this.writeFile(request, path, target, known, request.rows)];
        } catch (error) {
          if (!(error instanceof ColumnMisfit)) throw error;
          this.logger.info(
            { path, expected: error.expected },
            'the column summaries do not cover the published rows; gathering them from the rows',
          );
        }
      }
      const summaries = await summarizeRows(
        watched(request.openRows(), request.signal),
        request.columns,
        request.resource.definition.dateFormats,
      );
      return [await this.writeFile(request, path, target, summaries, request.openRows())];
    } catch (error) {
      if (error instanceof FreshetError || request.signal.aborted) throw error;
      throw exportFailed(target, error);
    }
  }

  private async writeFile(
    request: ExportRequest,
    path: string,
    target: string,
    summaries: readonly ColumnSummary[],
    rows: CopyRows,
  ): Promise<ExportedFile> {
    const file = await PartFile.create(target, { ...this.files, suffix: PART_SUFFIX });
    try {
      await writePickle(
        {
          columns: request.columns,
          summaries,
          dtypes: request.export.dtypes,
          dateFormats: request.resource.definition.dateFormats,
          rows: watched(rows, request.signal),
        },
        file,
      );
      // Whoever has the work now may have written a newer generation: this is the last moment to know.
      request.signal.throwIfAborted();
      const { bytes, sha256 } = await file.commit();
      return { path, bytes, sha256, warning: sizeWarning(path, bytes, request.export.warnBytes) };
    } catch (error) {
      await file.discard();
      throw error;
    }
  }
}

/** A resource without rows never had a batch that would name its columns: the definition does. */
const columnsOf = ({ columns, resource }: ExportRequest): readonly StoredColumn[] =>
  columns.length > 0
    ? columns
    : resource.definition.columns.map(({ name, type }) => ({ name: storedName(name), type, published: name }));

/** Merged over the chunks, or null when they are not there or not of these columns. Declared types need none. */
function chunkSummaries(request: ExportRequest): readonly ColumnSummary[] | null {
  if (request.export.dtypes === 'declared') return [];
  let merged: ColumnSummary[] = [];
  for (const chunk of request.summaries) {
    const summaries = readColumnSummaries(chunk);
    if (summaries?.length !== request.columns.length) return null;
    merged = mergeColumnSummaries(merged, summaries);
  }
  return merged.length === request.columns.length || request.resource.rows === 0 ? merged : null;
}

async function* watched(rows: CopyRows, signal: AbortSignal): AsyncIterable<Buffer> {
  signal.throwIfAborted();
  for await (const buffer of rows) {
    signal.throwIfAborted();
    yield buffer;
  }
}

const filePath = ({ export: { folder }, resource }: ExportRequest): string =>
  posix.join(folder.replaceAll('\\', '/'), `${parse(resource.definition.member).name}.bin`);

function insideRoot(root: string, path: string): string {
  const target = resolve(root, ...path.split('/'));
  const below = relative(resolve(root), target);
  if (isAbsolute(path) || isAbsolute(below) || below === '..' || below.startsWith(`..${sep}`)) {
    throw new FreshetError('export_failed', {
      kind: 'terminal',
      message: `the export folder leads out of the export root: ${path}`,
      nextStep: "Correct `folder` in the dataset's exports: it is a path below the export root.",
      attributes: { path },
    });
  }
  return join(target);
}

const MEGA = 1_000_000;

function sizeWarning(path: string, bytes: number, warnBytes: number): string | null {
  if (bytes <= warnBytes) return null;
  const megabytes = Math.round(bytes / MEGA);
  return (
    `${path} has ${megabytes} MB, more than the ${Math.round(warnBytes / MEGA)} MB set by warnAbove. ` +
    `Keep it out of git: \`echo '${posix.dirname(path)}/*.bin' >> .gitignore\`, or store it with Git LFS: \`git lfs track '${posix.dirname(path)}/*.bin'\`.`
  );
}

function exportFailed(target: string, cause: unknown): FreshetError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : null;
  return new FreshetError('export_failed', {
    message: `${target} could not be written: ${cause instanceof Error ? cause.message : String(cause)}`,
    nextStep: nextStep(code),
    attributes: { path: target, error: code },
    cause,
  });
}

function nextStep(code: string | null): string {
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'Make room on the disk of the export root, then export again.';
  if (code === 'EPERM' || code === 'EBUSY') return 'Close the program that has the file open, then export again.';
  if (code === 'EACCES' || code === 'EROFS')
    return 'Give the loader the right to write below the export root, then export again.';
  return 'Look at the cause; the published data are not touched. Then export again.';
}

import { existsSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { RunView } from '@freshet/contracts';
import { compareContents, type ContentVerdict } from '../compare/contents';
import { compareBytes, folderWithBins, pairFiles, type FilePair, type FileVerdict } from '../compare/files';
import { LFS_HELP } from '../compare/lfs';
import { findPython } from '../compare/python';
import { CommandFailed, EXIT, UsageError, type ExitCode } from '../exit';
import { bytes, count } from '../output/format';
import type { Session } from '../session';
import { filePath } from './run-report';
import { pathOf } from './refresh';

interface Compared {
  readonly pair: FilePair;
  readonly bytes: FileVerdict;
  /** Null where it was not needed, or not possible. */
  readonly content: ContentVerdict | null;
}

/** Compares the files of the published generation with those of a folder; 0 when the contents are equal, else 1. */
export async function diffAgainstFolder(session: Session, dataset: string, typed: string): Promise<ExitCode> {
  const folder = pathOf(session, typed);
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new UsageError(`--against: ${folder} is not a folder`);
  const exported = await exportedFiles(session, dataset);
  const compared = folderWithBins(folder, basename(dirname(exported[0] ?? '')));

  const verdicts = await Promise.all(
    pairFiles(exported, compared).map(async (pair) => ({ pair, bytes: await compareBytes(pair) })),
  );
  const python = findPython(session.world.environment.FRESHET_PYTHON, session.world.platform);
  const readable = verdicts.filter(({ bytes: { result } }) => result === 'different bytes').map(({ pair }) => pair);
  const contents =
    python.found && readable.length > 0
      ? await compareContents(python.found, readable)
      : new Map<string, ContentVerdict>();
  const results = verdicts.map((verdict): Compared => ({
    ...verdict,
    content: contents.get(verdict.pair.name) ?? null,
  }));

  report(session, dataset, compared, results);
  const { print } = session;
  if (results.some(({ bytes: { result } }) => result === 'LFS stub'))
    print.note(`Files that are only Git LFS stubs were not read. ${LFS_HELP}`, 'care');
  if (!python.found && readable.length > 0) {
    print.note(
      `Compared by name, size and hash only: comparing contents needs Python with pandas, and ${python.reason}.`,
      'care',
    );
  }
  return results.every(isEqual) ? EXIT.ok : EXIT.failed;
}

const isEqual = ({ bytes: verdict, content }: Compared): boolean =>
  verdict.result === 'identical' || (verdict.result === 'LFS stub' && verdict.same) || content?.equal === true;

function report({ print }: Session, dataset: string, folder: string, results: readonly Compared[]): void {
  print.result(
    { dataset, folder, files: results.map(({ pair, bytes: verdict, content }) => ({ ...pair, ...verdict, content })) },
    () => {
      print.line(`${dataset}: left the published files, right ${folder}`);
      print.table(
        [
          { title: 'file', value: ({ pair }) => pair.name },
          {
            title: 'result',
            value: verdictOf,
            paint: (cell, compared) => print.paint(cell, isEqual(compared) ? 'good' : 'care'),
          },
          { title: 'rows left', value: ({ content }) => rowsOf(content, 0), align: 'right' },
          { title: 'rows right', value: ({ content }) => rowsOf(content, 1), align: 'right' },
          { title: 'detail', value: detailOf, shrinks: true },
        ],
        results,
      );
    },
  );
}

function verdictOf({ bytes: { result }, content }: Compared): string {
  if (content === null) return result;
  return content.result === 'unreadable' ? 'unreadable' : content.equal ? 'equal content' : 'different content';
}

const rowsOf = (content: ContentVerdict | null, side: 0 | 1): string =>
  content?.rows === undefined ? '' : count(content.rows[side]);

function detailOf({ bytes: verdict, content }: Compared): string {
  if (content !== null) return content.detail;
  if (verdict.result === 'different bytes')
    return `${bytes(verdict.exportedBytes)} left, ${bytes(verdict.existingBytes)} right`;
  if (verdict.result === 'LFS stub')
    return `stands for ${bytes(verdict.pointer.bytes)}${verdict.same ? ', the same as the published file' : ''}`;
  return '';
}

/** Paths of the published generation's files on this machine. An unchanged refresh writes none: the newest run that did counts. */
async function exportedFiles({ client, connection }: Session, dataset: string): Promise<readonly string[]> {
  if (connection.remote !== undefined && connection.exportRoot === undefined)
    throw new UsageError(
      `--against compares with files of the coordinator, and those of ${connection.remote} are not on this machine`,
      'Mount or copy the export volume here and name its folder with FRESHET_EXPORT_ROOT.',
    );
  const generations = await client.generations(dataset);
  const current = generations.find((generation) => generation.current);
  if (!current) throw new CommandFailed(`${dataset} was never published`, `Run: freshet refresh ${dataset} --wait`);
  const run: RunView = await client.run(current.runId);
  if (run.files.length === 0)
    throw new CommandFailed(
      `generation ${current.generation} of ${dataset} has no exported files`,
      `Run: freshet export ${dataset}`,
    );
  const paths = run.files
    .map(({ path }) => filePath(path, connection.exportRoot))
    .filter((path) => path.toLowerCase().endsWith('.bin'));
  const missing = paths.filter((path) => !existsSync(path));
  if (missing.length > 0) {
    throw new CommandFailed(
      `${missing.length} of ${paths.length} exported files are not on this machine, for example ${missing[0] ?? ''}`,
      `Run this where the files are written (FRESHET_EXPORT_ROOT names the folder), or write them again: freshet export ${dataset}`,
    );
  }
  return paths;
}

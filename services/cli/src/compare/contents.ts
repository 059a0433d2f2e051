import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CommandFailed } from '../exit';
import type { FilePair } from './files';
import type { PythonWithPandas } from './python';

/** What pandas says about the DataFrames of two files. */
export interface ContentVerdict {
  readonly equal: boolean;
  readonly rows: string;
  readonly otherRows: string;
  /** What differs, in one line. */
  readonly detail: string;
}

/** Beside `src` and `dist` alike. */
const SCRIPT = join(__dirname, '..', '..', 'python', 'compare_bins.py');

/** Compares DataFrames through Python; keyed by file name. */
export async function compareContents(
  python: PythonWithPandas,
  pairs: readonly FilePair[],
): Promise<ReadonlyMap<string, ContentVerdict>> {
  const verdicts = new Map<string, ContentVerdict>();
  for (const { name, exported, existing } of pairs) {
    if (exported === null || existing === null) continue;
    verdicts.set(name, await compareOne(python, exported, existing));
  }
  return verdicts;
}

async function compareOne({ command }: PythonWithPandas, exported: string, existing: string): Promise<ContentVerdict> {
  const [program = '', ...args] = command;
  const { stdout } = await promisify(execFile)(program, [...args, SCRIPT, exported, existing], {
    maxBuffer: 64 << 20,
    windowsHide: true,
  });
  throw new CommandFailed(`the answer of compare_bins.py cannot be read: ${stdout.slice(0, 200)}`);
}

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { CommandFailed } from '../exit';
import type { FilePair } from './files';
import type { PythonWithPandas } from './python';

/** Beside `src` and `dist` alike. Its head says what it prints. */
const SCRIPT = join(__dirname, '..', '..', 'python', 'compare_bins.py');

const fileSchema = z.looseObject({
  name: z.string(),
  equal: z.boolean(),
  result: z.enum(['equal', 'different', 'only left', 'only right', 'lfs stub', 'unreadable']),
  detail: z.string(),
  /** Left (published) and right; absent where a side could not be read. */
  rows: z.tuple([z.number(), z.number()]).optional(),
});
const answerSchema = z.object({ files: z.tuple([fileSchema]) });

/** What pandas says about the DataFrames of two files, left the published one. */
export type ContentVerdict = z.infer<typeof fileSchema>;

/** Compares DataFrames through Python, a pair at a time, since a pair may take much memory; keyed by file name. */
export async function compareContents(
  python: PythonWithPandas,
  pairs: readonly FilePair[],
): Promise<ReadonlyMap<string, ContentVerdict>> {
  const verdicts = new Map<string, ContentVerdict>();
  for (const { name, exported, existing } of pairs) {
    if (exported !== null && existing !== null) verdicts.set(name, await compareOne(python, exported, existing));
  }
  return verdicts;
}

async function compareOne({ command }: PythonWithPandas, left: string, right: string): Promise<ContentVerdict> {
  const [program = '', ...args] = command;
  const options = { maxBuffer: 64 << 20, windowsHide: true, encoding: 'utf8' } as const;
  try {
    const { stdout } = await promisify(execFile)(program, [...args, SCRIPT, left, right], options);
    return answerSchema.parse(JSON.parse(stdout)).files[0];
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message?: string };
    const reason = stderr?.trim().split('\n').at(-1) || message || String(error);
    throw new CommandFailed(
      `${left} and ${right} could not be compared: ${reason}`,
      `Run it by hand: ${command.join(' ')} ${SCRIPT}`,
    );
  }
}

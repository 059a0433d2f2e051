import { spawnSync } from 'node:child_process';

export interface PythonWithPandas {
  /** Program and leading arguments. */
  readonly command: readonly string[];
  readonly pandas: string;
}

export interface PythonSearch {
  readonly found: PythonWithPandas | null;
  /** Why there is none, for a person. */
  readonly reason: string;
}

type Run = (
  program: string,
  args: readonly string[],
) => { readonly status: number | null; readonly stdout: string; readonly missing: boolean };

/** The first interpreter that has pandas: the one named by FRESHET_PYTHON, or the usual names (`py` on Windows). */
export function findPython(named: string | undefined, platform: NodeJS.Platform, run: Run = runProgram): PythonSearch {
  const candidates =
    named !== undefined ? [[named]] : [...(platform === 'win32' ? [['py', '-3']] : []), ['python3'], ['python']];
  let interpreter: string | null = null;
  for (const command of candidates) {
    const [program = '', ...args] = command;
    const probe = run(program, [
      ...args,
      '-c',
      'import sys\ntry:\n import pandas\n print(pandas.__version__)\nexcept ImportError:\n sys.exit(7)',
    ]);
    if (probe.missing) continue;
    if (probe.status === 0) return { found: { command, pandas: probe.stdout.trim() }, reason: '' };
    // The Windows store's `python` is no interpreter: it prints advice and exits with 9009.
    if (probe.status === 7) interpreter ??= command.join(' ');
  }
  if (interpreter !== null)
    return {
      found: null,
      reason: `${interpreter} is here, and has no pandas (install it: ${interpreter} -m pip install pandas)`,
    };
  return {
    found: null,
    reason: named === undefined ? 'there is no Python here' : `${named} cannot be run (FRESHET_PYTHON)`,
  };
}

const runProgram: Run = (program, args) => {
  const result = spawnSync(program, [...args], { encoding: 'utf8', timeout: 60_000, windowsHide: true });
  return { status: result.status, stdout: result.stdout ?? '', missing: result.error !== undefined };
};

import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareBytes, folderWithBins, pairFiles } from './files';
import { parseLfsPointer } from './lfs';
import { findPython } from './python';

describe('comparing with a bin folder', () => {
  let folder: string;
  const file = (path: string, content: string): string => {
    const full = join(folder, path);
    mkdirSync(join(full, '..'), { recursive: true });
    writeFileSync(full, content);
    return full;
  };
  const stub = (content: string): string =>
    `version https://git-lfs.github.com/spec/v1\noid sha256:${createHash('sha256').update(content).digest('hex')}\nsize ${content.length}\n`;

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'freshet-compare-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('pairs files by name, whatever their case, and tells what is on one side only', () => {
    const exported = [file('new/mv_a.bin', ''), file('new/mv_b.bin', '')];
    const other = file('old/MV_A.BIN', '');
    const extra = file('old/mv_c.bin', '');
    file('old/notes.txt', '');
    expect(pairFiles(exported, join(folder, 'old'))).toEqual([
      { name: 'mv_a.bin', exported: exported[0], existing: other },
      { name: 'mv_b.bin', exported: exported[1], existing: null },
      { name: 'mv_c.bin', exported: null, existing: extra },
    ]);
  });

  it('takes the bin root as well as the folder of the dataset', () => {
    file('bin/apd/mv_a.bin', '');
    expect(folderWithBins(join(folder, 'bin'), 'apd')).toBe(join(folder, 'bin', 'apd'));
    expect(folderWithBins(join(folder, 'bin', 'apd'), 'apd')).toBe(join(folder, 'bin', 'apd'));
  });

  it('tells identical bytes, different bytes and Git LFS stubs apart', async () => {
    const exported = file('new/a.bin', 'content');
    const verdict = (existing: string | null): Promise<unknown> => compareBytes({ name: 'a.bin', exported, existing });
    expect(await verdict(file('old/same.bin', 'content'))).toEqual({ result: 'identical' });
    expect(await verdict(file('old/as-long.bin', 'CONTENT'))).toEqual({
      result: 'different bytes',
      exportedBytes: 7,
      existingBytes: 7,
    });
    expect(await verdict(null)).toEqual({ result: 'only exported' });
    expect(await verdict(file('old/stub.bin', stub('content')))).toMatchObject({
      result: 'LFS stub',
      same: true,
      pointer: { bytes: 7 },
    });
    expect(await verdict(file('old/stub2.bin', stub('another')))).toMatchObject({ result: 'LFS stub', same: false });
    expect(await compareBytes({ name: 'b.bin', exported: null, existing: file('old/b.bin', 'x') })).toEqual({
      result: 'only in folder',
    });
  });

  it('does not take an ordinary file for a stub', () => {
    expect(parseLfsPointer(Buffer.from([0x80, 0x05, 0x95]))).toBeNull();
    expect(parseLfsPointer(Buffer.alloc(0))).toBeNull();
  });
});

describe('findPython', () => {
  const machine = (programs: Readonly<Record<string, { status: number; stdout?: string }>>) => (program: string) => {
    const answer = programs[program];
    return answer
      ? { missing: false, status: answer.status, stdout: answer.stdout ?? '' }
      : { missing: true, status: null, stdout: '' };
  };

  it('takes the first interpreter with pandas', () => {
    const run = machine({ python3: { status: 7 }, python: { status: 0, stdout: '3.0.6\n' } });
    expect(findPython(undefined, 'linux', run).found).toEqual({ command: ['python'], pandas: '3.0.6' });
  });
  it('asks the launcher first on Windows, and is not deceived by the store', () => {
    expect(findPython(undefined, 'win32', machine({ py: { status: 0, stdout: '2.3.3' } })).found?.command).toEqual([
      'py',
      '-3',
    ]);
    expect(findPython(undefined, 'win32', machine({ python: { status: 9009 } }))).toEqual({
      found: null,
      reason: 'there is no Python here',
    });
  });
  it('says why there is none', () => {
    expect(findPython(undefined, 'linux', machine({ python3: { status: 7 } })).reason).toContain(
      'python3 -m pip install pandas',
    );
    expect(findPython('/opt/py', 'linux', machine({})).reason).toBe('/opt/py cannot be run (FRESHET_PYTHON)');
  });
});

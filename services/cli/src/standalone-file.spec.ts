import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findStandalone } from './standalone-file';

describe('findStandalone', () => {
  let folder: string;
  const connection = (path: string, pid?: number): string => {
    const file = join(folder, path, 'standalone.json');
    mkdirSync(join(folder, path), { recursive: true });
    writeFileSync(file, JSON.stringify({ url: 'http://127.0.0.1:4700', token: 't', pid }));
    return file;
  };
  const running =
    (...pids: number[]) =>
    (pid: number): boolean =>
      pids.includes(pid);

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'freshet-home-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('finds the nearest one above the working directory, and none', () => {
    expect(findStandalone(undefined, folder)).toBeUndefined();
    const outer = connection('.freshet');
    const inner = connection('a/.freshet');
    expect(findStandalone(undefined, join(folder, 'a', 'b'))?.file).toBe(inner);
    expect(findStandalone(undefined, folder)?.file).toBe(outer);
  });

  it('takes the demo when that is what runs', () => {
    const stopped = connection('.freshet', 1);
    const demo = connection('.freshet/demo', 2);
    expect(findStandalone(undefined, folder, running(2))?.file).toBe(demo);
    expect(findStandalone(undefined, folder, running(1, 2))?.file).toBe(stopped);
    expect(findStandalone(undefined, folder, running())?.file).toBe(stopped);
  });

  it('takes the one that runs before one that was stopped in order and names no process', () => {
    const stopped = connection('.freshet');
    const demo = connection('.freshet/demo', 2);
    expect(findStandalone(undefined, folder, running(2))?.file).toBe(demo);
    expect(findStandalone(undefined, folder, running())?.file).toBe(stopped);
  });

  it('knows whether it runs, since the definitions of an ended demo lead to a publisher that is gone', () => {
    connection('.freshet/demo', 2);
    expect(findStandalone(undefined, folder, running(2))?.running).toBe(true);
    expect(findStandalone(undefined, folder, running())?.running).toBeUndefined();
  });

  it('looks nowhere else when FRESHET_HOME names a folder', () => {
    connection('.freshet');
    expect(findStandalone('other', folder)).toBeUndefined();
    const named = connection('other');
    expect(findStandalone('other', folder)?.file).toBe(named);
  });

  it('knows the processes of this machine', () => {
    const living = connection('a', process.pid);
    expect(findStandalone('a', folder)?.file).toBe(living);
  });
});

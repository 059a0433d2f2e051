import { localPath, type PathContext } from './shell-path';

const windows = (exists: readonly string[] = []): PathContext => ({
  platform: 'win32',
  cwd: 'C:\\work\\repo',
  home: 'C:\\Users\\ada',
  exists: (path) => exists.includes(path),
});
const linux = (exists: readonly string[] = []): PathContext => ({
  platform: 'linux',
  cwd: '/work/repo',
  home: '/home/ada',
  exists: (path) => exists.includes(path),
});

describe('localPath on Windows', () => {
  it.each([
    ['C:\\data\\x.zip', 'C:\\data\\x.zip', 'as PowerShell passes it'],
    ['C:/data/x.zip', 'C:\\data\\x.zip', 'as Git Bash makes it of /c/data/x.zip'],
    ['/c/data/x.zip', 'C:\\data\\x.zip', 'with MSYS_NO_PATHCONV=1'],
    ['/cygdrive/d/data/x.zip', 'D:\\data\\x.zip', 'Cygwin'],
    ['/mnt/c/data', 'C:\\data', 'copied from WSL'],
    ['/c', 'C:\\', 'a drive alone'],
    ['data\\modules\\bsee\\bin', 'C:\\work\\repo\\data\\modules\\bsee\\bin', 'relative, backslashes'],
    ['./data/modules/bsee/bin/', 'C:\\work\\repo\\data\\modules\\bsee\\bin', 'relative, slashes'],
    ['~/x.zip', 'C:\\Users\\ada\\x.zip', 'PowerShell does not expand it'],
    ['~\\x.zip', 'C:\\Users\\ada\\x.zip', 'the same with a backslash'],
    ["'C:\\my data\\x.zip'", 'C:\\my data\\x.zip', 'cmd.exe leaves single quotes on'],
    ['\\\\server\\share\\x.zip', '\\\\server\\share\\x.zip', 'a share'],
    ['file:///C:/data/x.zip', 'C:\\data\\x.zip', 'a file address'],
  ])('takes %s for %s (%s)', (typed, path) => {
    expect(localPath(typed, windows())).toBe(path);
  });

  it('recognises an argument that Git Bash put its own root in front of, and says how to write it', () => {
    expect(() => localPath('C:/Program Files/Git/data/x.zip', windows())).toThrow(
      'Git Bash seems to have made it of "/data/x.zip"',
    );
    expect(() => localPath('C:/Users/ada/AppData/Local/Programs/Git/x.zip', windows())).toThrow('"/x.zip"');
    expect(catchNextStep(() => localPath('C:/Program Files/Git/data/x.zip', windows()))).toContain(
      'MSYS_NO_PATHCONV=1',
    );
  });

  it('believes such a path when it exists', () => {
    const real = 'C:\\Program Files\\Git\\x.zip';
    expect(localPath('C:/Program Files/Git/x.zip', windows([real]))).toBe(real);
  });
});

describe('localPath elsewhere', () => {
  it.each([
    ['x.zip', '/work/repo/x.zip'],
    ['../x.zip', '/work/x.zip'],
    ['/data/x.zip', '/data/x.zip'],
    ['~/x.zip', '/home/ada/x.zip'],
    ['"with blanks.zip"', '/work/repo/with blanks.zip'],
    ['data\\modules\\bsee\\bin', '/work/repo/data/modules/bsee/bin'],
    ['~ada/x', '/work/repo/~ada/x'],
  ])('takes %s for %s', (typed, path) => {
    expect(localPath(typed, linux())).toBe(path);
  });

  it('keeps a backslash that really is part of a name', () => {
    expect(localPath('a\\b', linux(['/work/repo/a\\b']))).toBe('/work/repo/a\\b');
  });

  it('finds a drive under WSL and refuses it elsewhere', () => {
    expect(localPath('C:\\data\\x.zip', linux(['/mnt/c/data/x.zip']))).toBe('/mnt/c/data/x.zip');
    expect(() => localPath('C:\\data\\x.zip', linux())).toThrow(
      'C:\\data\\x.zip is a Windows path, and this is not Windows',
    );
  });

  it('refuses what cannot be a path', () => {
    expect(() => localPath('  ', linux())).toThrow('a path is empty');
    expect(() => localPath("''", linux())).toThrow('a path is empty');
    expect(() => localPath('a\0b', linux())).toThrow('NUL');
  });
});

function catchNextStep(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as { nextStep?: string }).nextStep ?? '';
  }
  return '';
}

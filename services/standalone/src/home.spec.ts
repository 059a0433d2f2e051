import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Home, HomeError, HomeTakenError } from './home';

describe('the folder of a standalone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'freshet-home-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('keeps its token over starts, readable by its owner only', () => {
    const first = new Home(folder).open().token;
    expect(new Home(folder).open().token).toBe(first);
    if (process.platform !== 'win32') expect(statSync(join(folder, 'standalone.json')).mode & 0o077).toBe(0);
  });

  it('refuses a second process while the first one runs, and not after that', () => {
    const home = new Home(folder);
    const { token } = home.open();
    home.writeConnection({ url: 'http://127.0.0.1:8080', token, pid: process.ppid });
    expect(() => new Home(folder).open()).toThrow(HomeTakenError);
    home.writeConnection({ url: 'http://127.0.0.1:8080', token, pid: 2 ** 22 + 1 });
    expect(new Home(folder).open().token).toBe(token);
  });

  it('says so when nothing can be written there', () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    expect(() => new Home(join(file, 'home')).open()).toThrow(HomeError);
  });
});

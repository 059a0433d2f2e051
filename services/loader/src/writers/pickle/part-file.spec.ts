import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { PartFile, removePartFiles } from './part-file';

const SUFFIX = '.part-of-test';
const HOUR_MS = 3_600_000;
const HOST = hostname().replace(/[^A-Za-z0-9-]/g, '_');
/** No process has this id: it is above the limit of the kernel. */
const GONE = 2 ** 22 + 1;
const busy = (code: string): Error => Object.assign(new Error(code), { code });

describe('PartFile', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'freshet-part-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('appears under its name when it is complete, not before', async () => {
    const target = join(folder, 'below', 'a.bin');
    const file = await PartFile.create(target, { suffix: SUFFIX });
    const content = [Buffer.from('ab'), Buffer.alloc(3 << 20, 'x'), Buffer.from('c')];
    for (const piece of content) await file.write(piece);
    expect((await readdir(join(folder, 'below'))).every((name) => name.endsWith(SUFFIX))).toBe(true);
    const whole = Buffer.concat(content);
    expect(await file.commit()).toEqual({
      bytes: whole.length,
      sha256: createHash('sha256').update(whole).digest('hex'),
    });
    expect((await readFile(target)).equals(whole)).toBe(true);
    expect(await readdir(join(folder, 'below'))).toEqual(['a.bin']);
  });

  it('replaces an older file, and leaves it alone when it is discarded', async () => {
    const target = join(folder, 'a.bin');
    await writeFile(target, 'old');
    const discarded = await PartFile.create(target, { suffix: SUFFIX });
    await discarded.write(Buffer.from('half'));
    await discarded.discard();
    expect(await readdir(folder)).toEqual(['a.bin']);
    expect(await readFile(target, 'utf8')).toBe('old');
    const kept = await PartFile.create(target, { suffix: SUFFIX });
    await kept.write(Buffer.from('new'));
    await kept.commit();
    expect(await readFile(target, 'utf8')).toBe('new');
  });

  it.each(['EPERM', 'EBUSY', 'EACCES'])('tries again when the name is held (%s), as Windows answers', async (code) => {
    const waits: number[] = [];
    const renames: string[] = [];
    const file = await PartFile.create(join(folder, 'a.bin'), {
      suffix: SUFFIX,
      wait: async (ms) => void waits.push(ms),
      rename: async (_, to) => {
        renames.push(to);
        if (renames.length < 4) throw busy(code);
      },
    });
    await file.commit();
    expect(waits).toEqual([50, 100, 200]);
    expect(renames).toHaveLength(4);
  });

  it('gives up on a name that stays held, and at once on any other error', async () => {
    for (const [code, tries] of [
      ['EBUSY', 8],
      ['ENOSPC', 1],
    ] as const) {
      // prettier-ignore
      let tried = 0;
      const file = await PartFile.create(join(folder, 'a.bin'), {
        suffix: SUFFIX,
        wait: async () => undefined,
        rename: async () => {
          tried++;
          throw busy(code);
        },
      });
      await expect(file.commit()).rejects.toThrow(code);
      expect(tried).toBe(tries);
      await file.discard();
    }
    expect(await readdir(folder)).toEqual([]);
  });

  it('removes what killed processes left, and nothing that is being written', async () => {
    const living = await PartFile.create(join(folder, 'living.bin'), { suffix: SUFFIX });
    const names = {
      dead: `.dead.bin.${HOST}.${GONE}.00ff00ff${SUFFIX}`,
      elsewhere: `.recent.bin.other-host.1.00ff00ff${SUFFIX}`,
      old: `.old.bin.other-host.1.00ff00ff${SUFFIX}`,
      unnamed: `whatever${SUFFIX}`,
    };
    for (const name of [...Object.values(names), 'done.bin']) await writeFile(join(folder, name), '');
    for (const name of [names.old, names.unnamed]) await age(join(folder, name));
    expect(await removePartFiles(folder, SUFFIX)).toBe(3);
    expect((await readdir(folder)).sort()).toEqual(
      [names.elsewhere, 'done.bin', ...(await readdir(folder)).filter((name) => name.startsWith('.living'))].sort(),
    );
    await living.commit();
    expect(await removePartFiles(join(folder, 'missing'), SUFFIX)).toBe(0);
  });

  it.each([
    ['ahead', 400],
    ['behind', -400],
  ])('judges age by the clock of the file system, whose times they are: that of the host is %s', async (_, days) => {
    const recent = `.recent.bin.other-host.1.00ff00ff${SUFFIX}`;
    const old = `.old.bin.other-host.1.00ff00ff${SUFFIX}`;
    for (const name of [recent, old]) await writeFile(join(folder, name), '');
    await age(join(folder, old));
    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + days * 24 * HOUR_MS);
    const removed = await removePartFiles(folder, SUFFIX).finally(() => clock.mockRestore());
    expect({ removed, left: await readdir(folder) }).toEqual({ removed: 1, left: [recent] });
  });
});

/** Two hours without a write, by the file's own time. */
async function age(path: string): Promise<void> {
  const { atime, mtimeMs } = await stat(path);
  await utimes(path, atime, new Date(mtimeMs - 2 * HOUR_MS));
}

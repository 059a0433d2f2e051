import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FreshetError, type ArchiveLimits } from '@freshet/domain';
import fc from 'fast-check';
import { ZipFile } from 'yazl';
import { handMadeZip, inPieces, type HandMadeEntry } from '../testing/hand-made-zip';
import { readArchive } from './read-archive';

const limits: ArchiveLimits = {
  maxEntries: 100,
  maxCompressedBytes: 2 ** 27,
  maxUncompressedBytes: 2 ** 30,
  maxRatio: 100,
};
const MEBIBYTE = 1024 * 1024;

async function read(
  archive: Buffer,
  over: Partial<ArchiveLimits> = {},
  pieceBytes = 4096,
): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  for await (const entry of readArchive(inPieces(archive, pieceBytes), {
    limits: { ...limits, ...over },
    watchdogMs: 2000,
  })) {
    const pieces: Buffer[] = [];
    for await (const piece of entry.content) pieces.push(piece);
    found.set(entry.name, Buffer.concat(pieces));
  }
  return found;
}

async function failureOf(archive: Buffer, over: Partial<ArchiveLimits> = {}): Promise<FreshetError> {
  try {
    await read(archive, over);
  } catch (error) {
    if (error instanceof FreshetError) return error;
    throw error;
  }
  throw new Error('the archive was accepted');
}

const fixture = (name: string): Buffer => readFileSync(join(__dirname, '../../../../libs/testing/fixtures/bsee', name));

/** Text that does not compress away. */
function noise(bytes: number): Buffer {
  const parts: Buffer[] = [];
  for (let made = 0; made < bytes; made += 64)
    parts.push(Buffer.from(createHash('sha256').update(String(made)).digest('hex')));
  return Buffer.concat(parts).subarray(0, bytes);
}

async function yazl(entries: Record<string, Buffer>, options: object = {}): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(entries)) zip.addBuffer(content, name, options);
  zip.end();
  const pieces: Buffer[] = [];
  for await (const piece of zip.outputStream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

describe('reading an archive', () => {
  it('reads the real archives of the publisher', async () => {
    const deep = await read(fixture('DeepQualRawData.zip'));
    expect([...deep].map(([name, content]) => [name, content.length])).toEqual([
      ['DeepQualRawData/', 0],
      ['DeepQualRawData/mv_deep_water_field_leases.txt', 80914],
    ]);
    const fmp = await read(fixture('FMPRawData.zip'), {}, 100);
    expect([...fmp].map(([name, content]) => [name, content.length])).toEqual([
      ['FMPRawData/', 0],
      ['FMPRawData/mv_fmplist.txt', 46083],
      ['FMPRawData/mv_fmp_meas_locations.txt', 131886],
    ]);
  });

  it.each([
    ['deflated', {}],
    ['stored', { compress: false }],
    ['zip64', { forceZip64Format: true }],
  ])('reads %s entries larger than what is held back', async (_, options) => {
    const content = noise(3 * MEBIBYTE);
    const found = await read(await yazl({ 'a/one.txt': content, 'a/two.txt': Buffer.from('x') }, options), {}, 65536);
    expect(found.get('a/one.txt')?.equals(content)).toBe(true);
    expect(found.get('a/two.txt')?.toString()).toBe('x');
  });

  it('reads entries whose sizes follow them, and a comment at the end', async () => {
    const found = await read(
      handMadeZip(
        [
          { name: 'a.txt', content: 'abc', flags: 8 },
          { name: 'b.txt', content: 'd' },
        ],
        'hello',
      ),
    );
    expect(found.get('a.txt')?.toString()).toBe('abc');
    expect(found.get('b.txt')?.toString()).toBe('d');
  });

  it('reads what nobody asked for too, and checks it', async () => {
    const names: string[] = [];
    for await (const entry of readArchive(inPieces(fixture('FMPRawData.zip')), { limits })) names.push(entry.name);
    expect(names).toHaveLength(3);
    const skip = async (): Promise<void> => {
      const damaged = handMadeZip([{ name: 'a.txt', content: 'abc', crc32: 1 }]);
      for await (const entry of readArchive(inPieces(damaged), { limits })) void entry;
    };
    await expect(skip()).rejects.toMatchObject({ code: 'archive_corrupt' });
  });

  it('gives out large pieces, so that few of them are waited for', async () => {
    const sizes: number[] = [];
    const archive = await yazl({ 'large.txt': Buffer.alloc(4 * MEBIBYTE, 'All work and no play makes data stale. ') });
    for await (const entry of readArchive(inPieces(archive, 65_536), { limits: { ...limits, maxRatio: 10_000 } })) {
      for await (const piece of entry.content) sizes.push(piece.length);
    }
    expect(sizes.length).toBeLessThanOrEqual(33);
  });

  it('finds every cut, small archive and large', async () => {
    const small = fixture('DeepQualRawData.zip');
    const large = await yazl({ 'a.txt': noise(2 * MEBIBYTE) }, { compress: false });
    for (const cut of [1, 10, 21, 22, 23, 40, 60, 80, 200, 5000, 18000]) {
      expect((await failureOf(small.subarray(0, small.length - cut))).code).toBe('archive_truncated');
    }
    for (const cut of [1, 22, 60, 5000, 1.5 * MEBIBYTE]) {
      expect((await failureOf(large.subarray(0, large.length - cut))).code).toBe('archive_truncated');
    }
    expect((await failureOf(small.subarray(0, 4))).code).toBe('archive_truncated');
    expect((await failureOf(Buffer.alloc(0))).code).toBe('archive_truncated');
  });

  it('never accepts a cut archive', async () => {
    const archive = handMadeZip(
      [{ name: 'd/' }, { name: 'd/a.txt', content: 'abc'.repeat(50) }, { name: 'd/b.txt', content: 'x' }],
      'note',
    );
    for (let length = 0; length < archive.length; length += 1) {
      expect(['archive_truncated', 'archive_corrupt']).toContain((await failureOf(archive.subarray(0, length))).code);
    }
  });

  it('never accepts other content than was packed, whichever bit is turned', async () => {
    const times = Buffer.from('55540900030102030405060708', 'hex');
    const archive = handMadeZip([
      { name: 'd/a.txt', content: noise(300), extra: times },
      { name: 'd/b.txt', content: 'second', flags: 8, extra: times },
      { name: 'd/c.txt', content: 'third', method: 0, extra: times },
    ]);
    const truth = [...(await read(archive))].map(([, content]) => content.toString());
    await fc.assert(
      fc.asyncProperty(fc.nat(archive.length * 8 - 1), async (bit) => {
        const damaged = Buffer.from(archive);
        damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
        const found = await read(damaged).catch((error: unknown) => {
          if (!(error instanceof FreshetError)) throw error;
          return null;
        });
        if (found) expect([...found].map(([, content]) => content.toString())).toEqual(truth);
      }),
      { numRuns: 300 },
    );
  });

  const wrong: ReadonlyArray<readonly [string, HandMadeEntry[], string]> = [
    ['a wrong checksum', [{ name: 'a', content: 'abc', crc32: 7 }], 'archive_corrupt'],
    ['a wrong checksum behind the data', [{ name: 'a', content: 'abc', crc32: 7, flags: 8 }], 'archive_corrupt'],
    ['a wrong size', [{ name: 'a', content: 'abc', uncompressedBytes: 4 }], 'archive_corrupt'],
    ['data that cannot be inflated', [{ name: 'a', content: 'abc', raw: Buffer.alloc(40, 0xff) }], 'archive_corrupt'],
    [
      'an entry its directory does not know',
      [
        { name: 'a', content: 'x', hidden: true },
        { name: 'b', content: 'y' },
      ],
      'archive_corrupt',
    ],
    ['another name in its directory', [{ name: 'a', content: 'x', directoryName: 'b' }], 'archive_corrupt'],
    ['no entries', [], 'archive_empty'],
    ['only folders', [{ name: 'a/' }, { name: 'b/' }], 'archive_empty'],
    ['an encrypted entry', [{ name: 'a', content: 'x', flags: 1 }], 'archive_unsupported'],
    ['an unknown method', [{ name: 'a', content: 'x', method: 12 }], 'archive_unsupported'],
    [
      'a name twice',
      [
        { name: 'a/x', content: '1' },
        { name: 'A/X', content: '2' },
      ],
      'archive_unsafe_entry',
    ],
    ['an absolute name', [{ name: '/etc/x', content: '1' }], 'archive_unsafe_entry'],
    ['a name that leaves its folder', [{ name: 'a/../../x', content: '1' }], 'archive_unsafe_entry'],
    ['backslashes', [{ name: 'a\\x', content: '1' }], 'archive_unsafe_entry'],
    ['a NUL in a name', [{ name: 'a\0.txt', content: '1' }], 'archive_unsafe_entry'],
    ['a drive letter', [{ name: 'C:x', content: '1' }], 'archive_unsafe_entry'],
    ['no name', [{ name: '', content: '1' }], 'archive_unsafe_entry'],
  ];
  it.each(wrong)('refuses %s', async (_, entries, code) => {
    expect((await failureOf(handMadeZip(entries))).code).toBe(code);
    // With more after it than is held back, the entry is met before the directory is.
    const filler = { name: 'z', content: noise(2 * MEBIBYTE), method: 0 };
    if (entries.length > 0 && code !== 'archive_empty') {
      expect((await failureOf(handMadeZip([...entries, filler]))).code).toBe(code);
    }
  });

  it('survives damaged extra fields, wherever the library meets them', async () => {
    const extra = Buffer.from('7570030001', 'hex');
    const entries = [
      { name: 'z', content: noise(2 * MEBIBYTE), method: 0 },
      { name: 'a', content: 'x', extra },
      { name: 'b', content: 'y' },
    ];
    expect((await failureOf(handMadeZip(entries))).code).toBe('archive_corrupt');
  });

  it('refuses bytes after the end', async () => {
    const failure = await failureOf(Buffer.concat([fixture('FMPRawData.zip'), Buffer.from('<html>')]));
    expect(failure.code).toBe('archive_corrupt');
    expect(failure.attributes).toMatchObject({ trailingBytes: 6 });
  });

  it('refuses bombs by ratio, by size and by number of entries', async () => {
    const zeros = Buffer.alloc(40 * MEBIBYTE);
    const filler = { name: 'z', content: noise(2 * MEBIBYTE), method: 0 };
    expect((await failureOf(handMadeZip([{ name: 'a', content: zeros }]))).code).toBe('archive_bomb');
    expect((await failureOf(handMadeZip([{ name: 'a', content: zeros }, filler]))).code).toBe('archive_bomb');
    const lying = { name: 'a', content: zeros, uncompressedBytes: 10 };
    expect((await failureOf(handMadeZip([lying]))).code).toBe('archive_bomb');
    expect((await failureOf(handMadeZip([filler]), { maxUncompressedBytes: MEBIBYTE })).code).toBe('archive_bomb');
    expect((await failureOf(fixture('FMPRawData.zip'), { maxEntries: 2 })).code).toBe('archive_bomb');
    expect((await failureOf(fixture('FMPRawData.zip'), { maxCompressedBytes: 9999 })).code).toBe('payload_too_large');
  });

  it('passes on what the body throws, and stops reading it when reading is given up', async () => {
    const archive = handMadeZip([{ name: 'a', content: noise(3 * MEBIBYTE), method: 0 }]);
    async function* dropped(): AsyncGenerator<Buffer> {
      yield archive.subarray(0, 2 * MEBIBYTE);
      throw new FreshetError('connection_lost', { message: 'lost', nextStep: '' });
    }
    const readAll = async (): Promise<void> => {
      for await (const entry of readArchive(dropped(), { limits })) for await (const piece of entry.content) void piece;
    };
    await expect(readAll()).rejects.toMatchObject({ code: 'connection_lost' });

    let ended = false;
    async function* endless(): AsyncGenerator<Buffer> {
      try {
        for (let at = 0; ; at = (at + 65536) % archive.length) yield archive.subarray(at, at + 65536);
      } finally {
        ended = true;
      }
    }
    for await (const entry of readArchive(endless(), { limits })) if (entry.name === 'a') break;
    for (let turn = 0; turn < 100 && !ended; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(ended).toBe(true);
  });

  it('reads the body no faster than its entries are read', async () => {
    const archive = handMadeZip([{ name: 'a', content: noise(8 * MEBIBYTE), method: 0 }]);
    let delivered = 0;
    async function* counted(): AsyncGenerator<Buffer> {
      for await (const piece of inPieces(archive, 65536)) {
        delivered += piece.length;
        yield piece;
      }
    }
    const entries = readArchive(counted(), { limits });
    const first = await entries.next();
    if (first.done === true) throw new Error('no entry');
    for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(delivered).toBeLessThan(2 * MEBIBYTE);
    await entries.return(undefined);
  });
});

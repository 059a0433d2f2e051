import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { inflateRawSync, crc32 } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { BSEE_ARCHIVES, writeArchive } from '.';
import { HIGH_BYTES } from './text';

const folder = mkdtempSync(join(tmpdir(), 'freshet-simulator-spec-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** For what a test is sure is there. */
function sure<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('expected something to be there');
  return value;
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const made = async (dataset: 'bsee.well' | 'bsee.production' | 'bsee.war', options = {}) => {
  const path = join(folder, `${Math.random()}.zip`);
  const truth = await writeArchive(path, dataset, options);
  return { path, truth, zip: readFileSync(path) };
};

/** Entries by the central directory, checked against the local headers: an independent reader. */
function entriesOf(zip: Buffer) {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  let at = zip.readUInt32LE(end + 16);
  return Array.from({ length: zip.readUInt16LE(end + 10) }, () => {
    const nameLength = zip.readUInt16LE(at + 28);
    const name = zip.toString('latin1', at + 46, at + 46 + nameLength);
    const [method, crc, compressed, size] = [
      zip.readUInt16LE(at + 10),
      zip.readUInt32LE(at + 16),
      zip.readUInt32LE(at + 20),
      zip.readUInt32LE(at + 24),
    ];
    const local = zip.readUInt32LE(at + 42);
    expect(zip.toString('latin1', local, local + 4)).toBe('PK\x03\x04');
    expect(zip.subarray(local + 4, local + 30)).toEqual(zip.subarray(at + 6, at + 32));
    const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const raw = zip.subarray(from, from + compressed);
    at += 46 + nameLength;
    return { name, method, crc, size, bytes: method === 0 ? raw : inflateRawSync(raw) };
  });
}

describe.each(BSEE_ARCHIVES.map((archive) => [archive.dataset, archive] as const))(
  'the archive of %s',
  (dataset, archive) => {
    it('has the folder entry first, then every member, with right sizes and checksums', async () => {
      const { zip, truth, path } = await made(dataset);
      const entries = entriesOf(zip);
      expect(entries[0]).toMatchObject({ name: `${archive.folder}/`, method: 0, size: 0, crc: 0 });
      expect(entries.slice(1).map((entry) => entry.name)).toEqual(
        archive.members.map((member) => `${archive.folder}/${member.name}`),
      );
      for (const [i, entry] of entries.slice(1).entries()) {
        expect(entry).toMatchObject({ method: 8, size: entry.bytes.length, crc: crc32(entry.bytes) });
        expect(truth[i]).toMatchObject({ bytes: entry.size, sha256: sha256(entry.bytes) });
      }
      expect(execFileSync('unzip', ['-t', path]).toString()).toContain('No errors detected');
    });

    it('quotes text and numbers, leaves dates bare, ends records with CRLF and keeps every record as wide as its header', async () => {
      const { zip, truth } = await made(dataset);
      for (const [i, entry] of entriesOf(zip).slice(1).entries()) {
        const member = sure(archive.members[i]);
        const text = entry.bytes.toString('latin1');
        expect(text.endsWith('\r\n')).toBe(true);
        expect(text.startsWith(`${member.columns.map(([name]) => `"${name}"`).join(',')}\r\n`)).toBe(true);
        const records = parse(entry.bytes, {
          encoding: 'latin1',
          record_delimiter: '\r\n',
          relax_quotes: false,
        }) as string[][];
        expect(records.length - 1).toBe(sure(truth[i]).records);
        expect(new Set(records.map((record) => record.length))).toEqual(new Set([member.columns.length]));
        // Any quoted field replaced by Q: what is left shows the layout of every record.
        const layouts = new Set(
          text
            .replace(/"(?:[^"]|"")*"/g, 'Q')
            .trimEnd()
            .split('\r\n')
            .slice(1)
            .map((line) => line.replace(/\d+\/\d+\/\d{4}( \d+:\d\d:\d\d [AP]M)?/g, 'D')),
        );
        for (const layout of layouts) {
          const fields = layout.split(',');
          expect(fields.map((field) => (field === 'Q' ? 'Q' : 'D'))).toEqual(
            member.columns.map(([, type]) => (type === 'date' ? 'D' : 'Q')),
          );
          expect(fields.every((field) => ['Q', 'D', ''].includes(field))).toBe(true);
        }
        if (member.key.length > 0) {
          const places = member.key.map((name) => member.columns.findIndex(([column]) => column === name));
          const keys = records.slice(1).map((record) => places.map((place) => record[place]).join('|'));
          expect(new Set(keys).size).toBe(keys.length);
        }
      }
    });
  },
);

it('gives the same bytes for the same parameters, other bytes for another seed', async () => {
  const [a, b, c] = [await made('bsee.war'), await made('bsee.war'), await made('bsee.war', { seed: 2 })];
  expect(sha256(a.zip)).toBe(sha256(b.zip));
  expect(sha256(a.zip)).not.toBe(sha256(c.zip));
});

it('has other bytes after a nightly rebuild, and the same members', async () => {
  const [a, b] = [await made('bsee.well'), await made('bsee.well', { build: 1 })];
  expect(sha256(a.zip)).not.toBe(sha256(b.zip));
  expect(a.truth).toEqual(b.truth);
});

it('changes, drops and adds rows in a later vintage, and keeps most', async () => {
  const options = { rows: { mv_productiondata: 5_000 } };
  const read = async (vintage: number): Promise<Map<string, string>> => {
    const { zip } = await made('bsee.production', { ...options, vintage });
    const member = sure(entriesOf(zip).find((entry) => entry.name.endsWith('mv_productiondata.txt')));
    const records = (parse(member.bytes, { encoding: 'latin1' }) as string[][]).slice(1);
    return new Map(records.map((record) => [record.slice(0, 3).join('|'), record.join('|')]));
  };
  const [before, after] = [await read(0), await read(1)];
  const kept = [...before].filter(([key]) => after.has(key));
  const changed = kept.filter(([key, row]) => after.get(key) !== row).length;
  expect(before.size).toBe(5_000);
  expect(before.size - kept.length).toBeGreaterThan(0);
  expect([...after.keys()].filter((key) => !before.has(key)).length).toBe(10);
  expect(changed).toBeGreaterThan(20);
  expect(changed).toBeLessThan(120);
});

it('holds every assigned byte of windows-1252, CRLF, bare LF, tabs and doubled quotes inside remarks', async () => {
  const { zip } = await made('bsee.war');
  const remarks = sure(entriesOf(zip).find((entry) => entry.name.endsWith('remark.txt'))).bytes.toString('latin1');
  expect(remarks).toContain(HIGH_BYTES);
  expect(remarks).toContain('First line\r\nsecond line');
  expect(remarks).toContain('bare LF here\nand here\n"');
  expect(remarks).toContain('tab\tseparated');
  expect(remarks).toContain('9-5/8"" casing');
});

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { cutterOf } from './cutters/registry';
import { resource } from './testing/parts';
import { memberKey } from './zip/entry-name';
import { readArchive } from './zip/read-archive';

const FOLDER = join(__dirname, '../../../libs/testing/fixtures/bsee');
const limits = { maxEntries: 10, maxCompressedBytes: 1e6, maxUncompressedBytes: 1e7, maxRatio: 100 };

describe('real archives of the publisher', () => {
  it.each([
    ['DeepQualRawData.zip', { 'mv_deep_water_field_leases.txt': 689 }],
    ['FMPRawData.zip', { 'mv_fmplist.txt': 1907, 'mv_fmp_meas_locations.txt': 1124 }],
  ])('%s is cut into what a csv reader reads', async (file, members) => {
    const counts: Record<string, number> = {};
    for await (const entry of readArchive(createReadStream(join(FOLDER, file)), { limits })) {
      if (entry.folder) continue;
      const cutter = cutterOf(resource('r'), 10_000);
      const pieces: Buffer[] = [];
      const chunks = [];
      for await (const piece of entry.content) {
        pieces.push(piece);
        chunks.push(...cutter.push(piece));
      }
      chunks.push(...cutter.end());
      const whole = Buffer.concat(pieces);
      const [header, ...rows]: string[][] = parse(whole.toString('latin1'));
      const read: string[][] = chunks.flatMap((chunk) => parse(chunk.body.toString('latin1')) as string[][]);
      expect(read).toEqual(rows);
      expect(cutter.totals()).toMatchObject({
        ...{ header, records: rows.length, chunks: chunks.length },
        sha256: createHash('sha256').update(whole).digest('hex'),
      });
      counts[memberKey(entry.name)] = rows.length;
    }
    expect(counts).toEqual(members);
  });
});

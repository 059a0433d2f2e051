import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Scale } from './archives';
import { archiveOf, BSEE_ARCHIVES, rowsOf } from './archives';
import { ArchiveStore } from './archive-store';
import type { ArchiveOptions, MemberTruth } from './archive-store';
import type { BseeFault, ContentFault } from './faults';
import type { BseeDataset } from './member';
import { memberBytes } from './member-bytes';
import { readRange } from './zip';

export interface RawMemberOptions {
  readonly seed?: number;
  readonly scale?: Scale;
  /** Rows of this member, instead of the scale's. */
  readonly rows?: number;
  readonly vintage?: number;
  readonly fault?: ContentFault;
}

/** The bytes of one member (`mv_war_main` or `mv_war_main.txt`) as a stream, header first, exactly as inside the archive. */
export function rawMember(member: string, options: RawMemberOptions = {}): Readable {
  const archive = BSEE_ARCHIVES.find(({ members }) =>
    members.some(({ name }) => name === member || name === `${member}.txt`),
  );
  const spec = archive?.members.find(({ name }) => name === member || name === `${member}.txt`);
  if (!archive || !spec) throw new Error(`no archive of the simulator has a member "${member}"`);
  const { seed = 1, scale = 'tiny', vintage = 0, fault } = options;
  const counts = new Map(archive.members.map((other) => [other.name, rowsOf(other, scale)]));
  const rows = options.rows ?? rowsOf(spec, scale);
  const bytes = function* (): Generator<Buffer> {
    for (const block of memberBytes({ spec, seed, rows, vintage, counts, fault })) yield block.bytes;
  };
  return Readable.from(bytes(), { objectMode: false });
}

/** Writes one member to a file. */
export const writeRawMember = (path: string, member: string, options?: RawMemberOptions): Promise<void> =>
  pipeline(rawMember(member, options), createWriteStream(path));

/** Writes one archive to a file, and says what is in it. */
export async function writeArchive(
  path: string,
  dataset: BseeDataset,
  options: Partial<ArchiveOptions> & {
    readonly vintage?: number;
    readonly build?: number;
    readonly fault?: BseeFault;
  } = {},
): Promise<MemberTruth[]> {
  const store = new ArchiveStore({ seed: 1, scale: 'tiny', ...options });
  try {
    const version = { vintage: options.vintage ?? 0, build: options.build ?? 0, fault: options.fault };
    const file = await store.archive(archiveOf(dataset).dataset, version);
    await pipeline(Readable.from(readRange(file, 0, file.length), { objectMode: false }), createWriteStream(path));
    return await store.truth(dataset, version);
  } finally {
    await store.close();
  }
}

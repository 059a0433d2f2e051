import { mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { crc32 } from 'node:zlib';
import type { Scale } from './archives';
import { archiveOf, rowsOf } from './archives';
import type { DeflatedMember } from './deflated-member';
import { deflateMember } from './deflated-member';
import type { ArchiveFault, BseeFault, ContentFault } from './faults';
import { isArchiveFault, isContentFault } from './faults';
import type { ArchiveSpec, BseeDataset, MemberSpec } from './member';
import type { CivilTime, VirtualFile, ZipEntry } from './zip';
import { cut, zipOf } from './zip';

export interface ArchiveOptions {
  readonly seed: number;
  readonly scale: Scale;
  /** Rows by member name, instead of the scale's. */
  readonly rows?: Readonly<Record<string, number>>;
  /** zlib level, 1 to 9. */
  readonly level?: number;
}

/** What a loader must arrive at. */
export interface MemberTruth {
  readonly member: string;
  /** Member name without its ending. */
  readonly resource: string;
  readonly records: number;
  readonly bytes: number;
  /** SHA-256 (hex) of the member, header included. */
  readonly sha256: string;
  readonly header: readonly string[];
}

export interface ArchiveVersion {
  readonly vintage: number;
  /** Rises with every nightly rebuild: other times in the archive, same data. */
  readonly build: number;
  readonly fault?: BseeFault;
}

const FOLDER_TIME: CivilTime = { year: 2021, month: 5, day: 13, hour: 10, minute: 34, second: 50 };
const FLIPPED = 64;

/** Makes archives and keeps their compressed members in a folder of temporary files. */
export class ArchiveStore {
  private readonly members = new Map<string, Promise<DeflatedMember>>();
  private folder: string | undefined;
  /** Also where nobody closes the store. */
  private readonly onExit = (): void => {
    if (this.folder) rmSync(this.folder, { recursive: true, force: true });
  };
  private files = 0;

  constructor(private readonly options: ArchiveOptions) {}

  async archive(dataset: BseeDataset, version: ArchiveVersion): Promise<VirtualFile> {
    const spec = archiveOf(dataset);
    const members = await this.contents(spec, version);
    const fault = version.fault && isArchiveFault(version.fault) ? version.fault : undefined;
    const modified = buildTime(version);
    const entries: ZipEntry[] = [{ name: `${spec.folder}/`, modified: FOLDER_TIME, directory: true }];
    for (const member of members) entries.push({ name: `${spec.folder}/${member.name}`, modified, member });
    const file = zipOf(fault ? await withFault(entries, fault, this.largest(spec)) : entries);
    if (fault?.kind === 'truncate') return cut(file, file.length - fault.bytes);
    if (fault?.kind === 'truncate-share') return cut(file, Math.floor(file.length * fault.keep));
    return file;
  }

  async truth(dataset: BseeDataset, version: ArchiveVersion): Promise<MemberTruth[]> {
    const members = await this.contents(archiveOf(dataset), version);
    return members.map(({ name, records, bytes, sha256, header }) => ({
      member: name,
      resource: name.replace(/\.txt$/, ''),
      records,
      bytes,
      sha256,
      header,
    }));
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.members.values());
    process.off('exit', this.onExit);
    if (this.folder) await rm(this.folder, { recursive: true, force: true });
  }

  /** The member a fault means when it names none: the one with the most rows. */
  private largest(spec: ArchiveSpec): MemberSpec {
    return spec.members.reduce((a, b) => (b.rows > a.rows ? b : a));
  }

  private contents(spec: ArchiveSpec, version: ArchiveVersion): Promise<DeflatedMember[]> {
    const fault = version.fault && isContentFault(version.fault) ? version.fault : undefined;
    const target = fault?.member ?? this.largest(spec).name;
    const hits = (member: MemberSpec): boolean => member.name === target || member.name === `${target}.txt`;
    if (fault && !spec.members.some(hits)) throw new Error(`${spec.folder} has no member "${target}"`);
    // One after the other: compression already runs beside generation.
    return spec.members.reduce<Promise<DeflatedMember[]>>(
      async (before, member) => [
        ...(await before),
        await this.member(spec, member, version.vintage, fault && hits(member) ? fault : undefined),
      ],
      Promise.resolve([]),
    );
  }

  private member(
    archive: ArchiveSpec,
    spec: MemberSpec,
    vintage: number,
    fault?: ContentFault,
  ): Promise<DeflatedMember> {
    const key = `${spec.name} ${vintage} ${JSON.stringify(fault ?? null)}`;
    let member = this.members.get(key);
    if (!member) {
      const { seed, scale, rows, level } = this.options;
      const counts = new Map(archive.members.map((other) => [other.name, rowsOf(other, scale, rows)]));
      const request = { spec, seed, vintage, fault, counts, rows: rowsOf(spec, scale, rows) };
      member = deflateMember(request, this.path(), level ?? 4);
      // A failed generation is reported to whoever asked, and tried again by the next one.
      member.catch(() => this.members.delete(key));
      this.members.set(key, member);
    }
    return member;
  }

  private path(): string {
    if (this.folder === undefined) {
      this.folder = mkdtempSync(join(tmpdir(), 'freshet-bsee-'));
      process.once('exit', this.onExit);
    }
    return join(this.folder, `${this.files++}.deflate`);
  }
}

/** The nightly export, 4:30 in the morning US-Central; one day later with every build; never in the future. */
export function buildTime({ vintage, build }: Pick<ArchiveVersion, 'vintage' | 'build'>): CivilTime {
  const at = new Date(Date.UTC(2025, 0, 2 + vintage + build, 4, 30, 52));
  return {
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    day: at.getUTCDate(),
    hour: 4,
    minute: 30,
    second: 52,
  };
}

async function withFault(entries: readonly ZipEntry[], fault: ArchiveFault, largest: MemberSpec): Promise<ZipEntry[]> {
  const wanted = 'member' in fault && fault.member !== undefined ? fault.member : largest.name;
  const isTarget = (entry: ZipEntry): boolean =>
    entry.member?.name === wanted || entry.member?.name === `${wanted}.txt`;
  const change = (by: (entry: ZipEntry) => ZipEntry): ZipEntry[] =>
    entries.map((entry) => (isTarget(entry) ? by(entry) : entry));
  switch (fault.kind) {
    case 'corrupt-crc':
      return change((entry) => ({ ...entry, crc: ((entry.member?.crc ?? 0) ^ 0x5a5a5a5a) >>> 0 }));
    case 'corrupt-data': {
      const changed = await Promise.all(
        entries.map(async (entry) => (isTarget(entry) ? { ...entry, data: await flipped(entry) } : entry)),
      );
      return changed;
    }
    case 'missing-member':
      return entries.filter((entry) => !isTarget(entry));
    case 'no-members':
      return entries.filter((entry) => entry.directory);
    case 'unsafe-entry':
      return change((entry) => ({ ...entry, name: fault.name ?? '../../../etc/passwd' }));
    case 'encrypted':
      return entries.map((entry) => (entry.directory ? entry : { ...entry, flags: 1 }));
    case 'bomb':
      return change((entry) => bomb(entry, fault.megabytes ?? 64));
    case 'truncate':
    case 'truncate-share':
      return [...entries];
  }
}

async function flipped(entry: ZipEntry): Promise<Buffer> {
  const { readFile } = await import('node:fs/promises');
  const data = await readFile((entry.member as DeflatedMember).path);
  const from = Math.floor(data.length / 2);
  for (let i = from; i < Math.min(data.length, from + FLIPPED); i++) data[i] = (data[i] as number) ^ 0xff;
  return data;
}

/** A valid member of one header and endless blanks: a thousand to one. */
function bomb(entry: ZipEntry, megabytes: number): ZipEntry {
  const member = entry.member as DeflatedMember;
  const header = Buffer.from(`${member.header.map((name) => `"${name}"`).join(',')}\r\n`, 'latin1');
  const raw = Buffer.concat([header, Buffer.alloc(megabytes * 1024 * 1024, '"1","2"\r\n')]);
  const data = deflateRawSync(raw, { level: 9 });
  return { ...entry, data, member: { ...member, bytes: raw.length, crc: crc32(raw), compressedBytes: data.length } };
}

import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readLfsPointer, type LfsPointer } from './lfs';

/** One `.bin` file by name, on either side. */
export interface FilePair {
  readonly name: string;
  /** The exported file; null when the published generation has none of this name. */
  readonly exported: string | null;
  /** The file of the folder it is compared with. */
  readonly existing: string | null;
}

export type FileVerdict =
  | { readonly result: 'identical' }
  /** Not the same bytes; the content may still be equal. */
  | { readonly result: 'different bytes'; readonly exportedBytes: number; readonly existingBytes: number }
  | { readonly result: 'only exported' | 'only in folder' }
  /** `same` when the pointer names exactly the exported bytes. */
  | { readonly result: 'LFS stub'; readonly pointer: LfsPointer; readonly same: boolean };

/**
 * The folder of the dataset below what somebody named: the folder itself when it holds .bin files, else the one in it that is
 * called as the exports' folder (`apd` below `bin`).
 */
export function folderWithBins(folder: string, exportFolder: string): string {
  const inside = join(folder, exportFolder);
  return binNames(folder).length === 0 && existsSync(inside) && statSync(inside).isDirectory() ? inside : folder;
}

const binNames = (folder: string): string[] =>
  readdirSync(folder).filter((name) => name.toLowerCase().endsWith('.bin'));

/** Pairs by file name; a difference in case alone is the same file. */
export function pairFiles(exported: readonly string[], folder: string): readonly FilePair[] {
  const existing = new Map(binNames(folder).map((name) => [name.toLowerCase(), join(folder, name)]));
  const pairs = exported.map((path): FilePair => {
    const key = basename(path).toLowerCase();
    const match = existing.get(key) ?? null;
    existing.delete(key);
    return { name: basename(path), exported: path, existing: match };
  });
  return [
    ...pairs,
    ...[...existing.values()].map((path) => ({ name: basename(path), exported: null, existing: path })),
  ];
}

/** What can be said without reading pickles: by name, size, hash, and whether a file is only a Git LFS pointer. */
export async function compareBytes({ exported, existing }: FilePair): Promise<FileVerdict> {
  const pointer = existing === null ? null : readLfsPointer(existing);
  if (pointer) {
    const same =
      exported !== null && statSync(exported).size === pointer.bytes && (await sha256(exported)) === pointer.sha256;
    return { result: 'LFS stub', pointer, same };
  }
  if (exported === null) return { result: 'only in folder' };
  if (existing === null) return { result: 'only exported' };
  const [exportedBytes, existingBytes] = [statSync(exported).size, statSync(existing).size];
  if (exportedBytes === existingBytes && (await sha256(exported)) === (await sha256(existing)))
    return { result: 'identical' };
  return { result: 'different bytes', exportedBytes, existingBytes };
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest('hex');
}

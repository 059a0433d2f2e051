import { closeSync, openSync, readSync } from 'node:fs';

/** What a Git LFS pointer says about the file it stands for (git-lfs, docs/spec.md, "The Pointer"). */
export interface LfsPointer {
  readonly sha256: string;
  readonly bytes: number;
}

const LONGEST_POINTER = 1024;
export const LFS_PREFIX = 'version https://git-lfs';

/** The pointer in `head`, the first bytes of a file; null when it is an ordinary file. */
export function parseLfsPointer(head: Buffer): LfsPointer | null {
  if (!head.subarray(0, LFS_PREFIX.length).equals(Buffer.from(LFS_PREFIX))) return null;
  const text = head.toString('utf8');
  return {
    sha256: /^oid sha256:([0-9a-f]{64})$/m.exec(text)?.[1] ?? '',
    bytes: Number(/^size (\d+)$/m.exec(text)?.[1] ?? 0),
  };
}

export function readLfsPointer(path: string): LfsPointer | null {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(LONGEST_POINTER);
    return parseLfsPointer(head.subarray(0, readSync(file, head, 0, LONGEST_POINTER, 0)));
  } finally {
    closeSync(file);
  }
}

export const LFS_HELP =
  'Fetch the real files first: git lfs install, then git lfs pull (in the repository that holds the folder).';

import { createHash } from 'node:crypto';
import { invalid } from '../problem';

/**
 * A cursor is where a page ended, as opaque text: the key of its last row, and which request it belongs to. It stays good however
 * much is stored in between, and for another request it is refused instead of leaving rows out.
 */
export function encodeCursor(request: object, key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([requestHash(request), ...key])).toString('base64url');
}

/** @throws Problem `invalid` for what is not a cursor of this request. */
export function decodeCursor<T>(request: object, cursor: string, read: (key: unknown[]) => T | null): T {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    parts = null;
  }
  if (!Array.isArray(parts)) throw invalid(['cursor: it is not one that this API gave']);
  const [hash, ...key] = parts as unknown[];
  if (hash !== requestHash(request))
    throw invalid(['cursor: it belongs to another request; only limit and format may differ from page to page']);
  const found = read(key);
  if (found === null) throw invalid(['cursor: it is not one that this API gave']);
  return found;
}

const requestHash = (request: object): string =>
  createHash('sha256').update(JSON.stringify(request)).digest('base64url').slice(0, 8);

/** The ledger says what was loaded, written in the same transaction as the rows. */
import type { ResourceManifest } from './manifest';

/** The ledger of one attempt and resource, summed. */
export interface LedgerTotals {
  readonly resource: string;
  readonly chunks: number;
  readonly records: number;
  readonly rows: number;
  readonly refused: number;
  readonly bytes: number;
}

export type Balance =
  | { readonly state: 'balanced' }
  /** Chunks are still on their way. */
  | { readonly state: 'waiting'; readonly missingChunks: number }
  /** All chunks arrived and do not add up: never published. */
  | { readonly state: 'mismatch'; readonly resource: string; readonly detail: string };

/**
 * A run is published only when the manifest's chunks, records and bytes are exactly those of the ledger and
 * every record was loaded or refused (design, invariant 2).
 */
export function balance(manifest: readonly ResourceManifest[], ledger: readonly LedgerTotals[]): Balance {
  const totals = new Map(ledger.map((entry) => [entry.resource, entry]));
  let missingChunks = 0;
  for (const expected of manifest) {
    const actual = totals.get(expected.resource) ?? { chunks: 0, records: 0, rows: 0, refused: 0, bytes: 0 };
    totals.delete(expected.resource);
    if (actual.chunks < expected.chunks) {
      missingChunks += expected.chunks - actual.chunks;
      continue;
    }
    const mismatch = firstMismatch(expected, actual);
    if (mismatch) return { state: 'mismatch', resource: expected.resource, detail: mismatch };
  }
  const [unexpected] = totals.values();
  if (unexpected) {
    return { state: 'mismatch', resource: unexpected.resource, detail: 'loaded, but not in the manifest' };
  }
  return missingChunks > 0 ? { state: 'waiting', missingChunks } : { state: 'balanced' };
}

function firstMismatch(expected: ResourceManifest, actual: Omit<LedgerTotals, 'resource'>): string | null {
  for (const field of ['chunks', 'records', 'bytes'] as const) {
    if (actual[field] !== expected[field]) return `${field}: cut ${expected[field]}, loaded ${actual[field]}`;
  }
  if (actual.rows + actual.refused !== expected.records) {
    return `records: cut ${expected.records}, rows ${actual.rows} + refused ${actual.refused}`;
  }
  return null;
}

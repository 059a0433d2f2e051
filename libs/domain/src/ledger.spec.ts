import fc from 'fast-check';
import { balance, type LedgerTotals } from './ledger';
import type { ResourceManifest } from './manifest';

const cut = (over: Partial<ResourceManifest> = {}): ResourceManifest => ({
  resource: 'main',
  chunks: 2,
  records: 10,
  bytes: 100,
  sha256: '',
  header: [],
  ...over,
});
const loaded = (over: Partial<LedgerTotals> = {}): LedgerTotals => ({
  resource: 'main',
  chunks: 2,
  records: 10,
  rows: 9,
  refused: 1,
  bytes: 100,
  ...over,
});

describe('balance', () => {
  it('holds when chunks, records and bytes agree and every record was loaded or refused', () => {
    expect(balance([cut()], [loaded()])).toEqual({ state: 'balanced' });
  });

  it('waits for chunks on their way, also for a resource nothing came of yet', () => {
    expect(
      balance(
        [cut(), cut({ resource: 'late', chunks: 3 })],
        [loaded({ chunks: 1, records: 4, rows: 4, refused: 0, bytes: 40 })],
      ),
    ).toEqual({ state: 'waiting', missingChunks: 4 });
  });

  it.each([
    ['records', { records: 11 }],
    ['bytes', { bytes: 99 }],
    ['chunks', { chunks: 3 }],
    ['rows', { rows: 8 }],
  ] as const)('is a mismatch when %s differ', (_, over) => {
    expect(balance([cut()], [loaded(over)])).toMatchObject({ state: 'mismatch', resource: 'main' });
  });

  it('is a mismatch when something was loaded that nobody cut', () => {
    expect(balance([], [loaded()])).toMatchObject({ state: 'mismatch', detail: 'loaded, but not in the manifest' });
  });

  it('holds for resources that are empty', () => {
    expect(balance([cut({ chunks: 0, records: 0, bytes: 0 })], [])).toEqual({ state: 'balanced' });
  });

  it('is never balanced when one number is off by any amount', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('chunks', 'records', 'bytes', 'rows', 'refused' as const),
        fc.integer({ min: -9, max: 9 }).filter((n) => n !== 0),
        (field, off) => {
          expect(balance([cut()], [loaded({ [field]: loaded()[field] + off })]).state).not.toBe('balanced');
        },
      ),
    );
  });
});

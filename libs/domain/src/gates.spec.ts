import fc from 'fast-check';
import { checkGates, type GateInput } from './gates';

const input = (over: Partial<GateInput> & { gates?: Partial<GateInput['definition']['gates']> } = {}): GateInput => ({
  definition: {
    gates: { maxRefusedShare: 0.01, maxRowDrift: 0.5, uniqueKey: 'hold', ...over.gates },
    resources: [
      { name: 'main', required: true },
      { name: 'extra', required: false },
    ],
  },
  manifest: over.manifest ?? [{ resource: 'main', chunks: 1, records: 100, bytes: 10, sha256: '', header: [] }],
  totals: over.totals ?? [{ resource: 'main', chunks: 1, records: 100, rows: 100, refused: 0, bytes: 10 }],
  published: over.published ?? {},
});
const loaded = (rows: number, refused: number): GateInput['totals'] => [
  { resource: 'main', chunks: 1, records: rows + refused, rows, refused, bytes: 10 },
];

describe('gates', () => {
  it('hold for a first refresh without refusals', () => {
    expect(checkGates(input())).toBeNull();
  });

  it('name a required resource that is missing, and one that is empty', () => {
    expect(checkGates(input({ manifest: [] }))?.code).toBe('resource_missing');
    expect(
      checkGates(
        input({
          manifest: [{ resource: 'main', chunks: 0, records: 0, bytes: 0, sha256: '', header: [] }],
          totals: [],
        }),
      )?.code,
    ).toBe('resource_empty');
  });

  it('allow refusals up to the share, and not one more', () => {
    expect(checkGates(input({ totals: loaded(99, 1) }))).toBeNull();
    expect(checkGates(input({ totals: loaded(98, 2) }))).toMatchObject({
      code: 'gate_refused_share',
      kind: 'terminal',
      attributes: { resource: 'main', refused: 2, records: 100 },
    });
  });

  it('stop a drop and a jump of the row count, compared with the published generation', () => {
    expect(checkGates(input({ published: { main: 200 } }))).toBeNull();
    expect(checkGates(input({ published: { main: 201 } }))).toMatchObject({
      code: 'gate_row_drift',
      attributes: { before: 201, after: 100 },
    });
    expect(checkGates(input({ published: { main: 66 } }))?.code).toBe('gate_row_drift');
    expect(checkGates(input({ published: { main: 100, gone: 5 } }))?.code).toBe('gate_row_drift');
  });

  it('compare nothing with an empty generation, or when drift is switched off', () => {
    expect(checkGates(input({ published: { main: 0 } }))).toBeNull();
    expect(checkGates(input({ published: { main: 1_000_000 }, gates: { maxRowDrift: null } }))).toBeNull();
  });

  it('let a share pass exactly when it is at most the limit', () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.nat(1000),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (rows, refused, maxRefusedShare) => {
          const result = checkGates(input({ totals: loaded(rows, refused), gates: { maxRefusedShare } }));
          const share = rows + refused === 0 ? 0 : refused / (rows + refused);
          expect(result === null).toBe(share <= maxRefusedShare);
        },
      ),
    );
  });
});

import { loadCatalog } from '@freshet/catalog';
import type { ColumnCheck } from '@freshet/domain';
import { assertChecks, CHECKS, createCheck } from './registry';

const severity = 'refuse' as const;
/** One of each kind, with a value that passes and one that does not. The table is complete by its type. */
const members: { readonly [Kind in ColumnCheck['kind']]: { check: ColumnCheck; passes: string[]; fails: string[] } } = {
  range: {
    check: { kind: 'range', min: 1, max: 12, severity },
    passes: ['1', '12', '5.5'],
    fails: ['0', '13', '-1', '', 'x'],
  },
  pattern: {
    check: { kind: 'pattern', pattern: '^[0-9]{12}$', severity },
    passes: ['177114156300', '041234567890'],
    fails: ['', '4123456789', '1'.repeat(300)],
  },
  oneOf: { check: { kind: 'oneOf', values: ['G', 'P'], severity }, passes: ['G'], fails: ['', 'g', ' G', 'GP'] },
  maxLength: { check: { kind: 'maxLength', length: 3, severity }, passes: ['', 'abc', '🛢🛢🛢'], fails: ['abcd', '🛢🛢🛢🛢'] },
};

describe.each(Object.keys(CHECKS) as Array<ColumnCheck['kind']>)('the check %s', (kind) => {
  const { check, passes, fails } = members[kind];
  const made = createCheck(check);

  it.each(passes)('lets %j pass', (value) => expect(made.test(value)).toBeNull());

  it.each(fails)('does not let %j pass, and says what it expected without the value', (value) => {
    const expected = made.test(value);
    expect(expected).toEqual(expect.any(String));
    expect(expected).not.toBe('');
    if (value.length > 8) expect(expected).not.toContain(value);
  });

  it('gives the same answer whenever it is asked', () => {
    for (const value of [...passes, ...fails]) expect(made.test(value)).toBe(made.test(value));
  });

  it('answers at once for a value of a mebibyte', () => {
    const started = process.hrtime.bigint();
    made.test('1'.repeat(1024 * 1024));
    expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(250);
  });
});

describe('open ranges', () => {
  it.each([
    [{ kind: 'range', min: 0, severity } as const, 'at least 0'],
    [{ kind: 'range', max: -1, severity } as const, 'at most -1'],
  ])('say what they expect', (check, expected) =>
    expect(createCheck(check).test(check.kind === 'range' && 'min' in check ? '-5' : '5')).toBe(expected),
  );
});

describe('the registry of checks', () => {
  it('has what the built-in definitions name', () => expect(() => assertChecks(loadCatalog().all())).not.toThrow());

  it('stops the start when a definition names a check that is not there', () => {
    const [first] = loadCatalog().all();
    if (!first) throw new Error('no definitions');
    const check = { kind: 'constructor', severity } as unknown as ColumnCheck;
    const resources = first.resources.map((resource) => ({
      ...resource,
      columns: resource.columns.map((column) => ({ ...column, checks: [check] })),
    }));
    expect(() => assertChecks([{ ...first, resources }])).toThrow(
      expect.objectContaining({ code: 'definition_invalid' }),
    );
  });
});

import { editDistance, suggest } from './suggest';

describe('suggest', () => {
  const known = ['bsee.well', 'bsee.production', 'bsee.war', 'eia.demand', 'bsee'];
  it.each([
    ['well', ['bsee.well']],
    ['production', ['bsee.production']],
    ['bsee.prodcution', ['bsee.production']],
    ['BSEE.WELL', ['bsee.well', 'bsee.war']],
    ['bseewar', ['bsee.war']],
    ['bese', ['bsee']],
    ['xyzzy', []],
  ])('of %s', (typed, expected) => {
    expect(suggest(typed, known).slice(0, expected.length)).toEqual(expected);
    if (expected.length === 0) expect(suggest(typed, known)).toEqual([]);
  });
  it('counts insertions, removals, replacements and swaps', () => {
    expect([
      editDistance('', 'abc'),
      editDistance('abc', 'abc'),
      editDistance('abc', 'acb'),
      editDistance('kitten', 'sitting'),
    ]).toEqual([3, 0, 1, 3]);
  });
});

import { quoteIdent } from './quote';

describe('names in SQL', () => {
  it('are quoted, part by part', () => {
    expect(quoteIdent('bsee', 'well "x"')).toBe('"bsee"."well ""x"""');
    expect(quoteIdent('a;DROP TABLE b')).toBe('"a;DROP TABLE b"');
  });

  it('are refused where PostgreSQL would cut or misread them', () => {
    expect(() => quoteIdent('x'.repeat(64))).toThrow(RangeError);
    expect(() => quoteIdent('é'.repeat(32))).toThrow(RangeError);
    expect(() => quoteIdent('')).toThrow(RangeError);
    expect(() => quoteIdent('a\0b')).toThrow(RangeError);
  });
});

import { storableJson, storableText } from './storable';

describe('text that PostgreSQL can store', () => {
  it('shows NUL and lone surrogates, and leaves everything else', () => {
    expect(storableText('a\0b')).toBe('a\u2400b');
    expect(storableText('\ud800x😀')).toBe('\ufffdx😀');
  });

  it('does the same inside JSON, in keys and in values', () => {
    expect(storableJson({ min: '\0', deep: ['\udfff', '\\u0000', { 'a\0': 1 }] })).toBe(
      JSON.stringify({ min: '\u2400', deep: ['\ufffd', '\\u0000', { 'a\u2400': 1 }] }),
    );
    expect(storableJson(undefined)).toBeNull();
    expect(storableJson({ a: 1 })).toBe('{"a":1}');
  });
});

import { instantSchema, observationsSchema } from './requests';

const instant = (text: string): string => instantSchema.parse(text).toISOString();
const mistakes = (query: object): string[] => {
  const { error } = observationsSchema.safeParse(query);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
};

describe('times of a request', () => {
  it('are RFC 3339, or dates in UTC', () => {
    expect(instant('2026-11-20')).toBe('2026-11-20T00:00:00.000Z');
    expect(instant('2026-11-20T05:00:00Z')).toBe('2026-11-20T05:00:00.000Z');
    expect(instant('2026-11-20T05:00Z')).toBe('2026-11-20T05:00:00.000Z');
    expect(instant('2026-11-20T00:30:00+01:00')).toBe('2026-11-19T23:30:00.000Z');
    expect(instant('2026-11-20T23:30:00.250-05:00')).toBe('2026-11-21T04:30:00.250Z');
  });

  it.each(['', 'yesterday', '20.11.2026', '2026-11-20T05:00:00', '2026-02-31', '2026-02-31T00:00:00Z', '2026-13-01'])(
    'are not %j',
    (text) => expect(() => instant(text)).toThrow('neither a date'),
  );

  it('explain a plus sign that an address turned into a space', () => {
    expect(() => instant('2026-11-20T05:00:00 01:00')).toThrow('write %2B');
  });
});

describe('a request for observations', () => {
  it('takes series apart, however they are listed', () => {
    expect(observationsSchema.parse({ series: ['a,b', ' b , c,'] }).series).toEqual(['a', 'b', 'c']);
  });

  it('is told all of its mistakes together', () => {
    expect(mistakes({ from: 'x', 'as-of': 'y', limit: '0', format: 'xml', colour: 'red' })).toEqual([
      expect.stringContaining('from: "x" is neither'),
      expect.stringContaining('as-of: "y" is neither'),
      expect.stringContaining('limit: '),
      expect.stringContaining('format: '),
      expect.stringContaining('colour'),
      expect.stringContaining('series: name series, a dataset, or both'),
    ]);
    expect(mistakes({ from: '2026-02-01', to: '2026-01-01' })).toEqual([
      'to: it must be later than from',
      expect.stringContaining('series: name series, a dataset, or both'),
    ]);
  });
});

import { authenticate, demandRole, parseApiTokens, anySecret } from './tokens';

const tokens = parseApiTokens('grafana:reader:0123456789abcdef, ops:operator:with:colons:in:it-123,');

describe('API tokens', () => {
  it('are read with their roles, and may hold colons', () => {
    expect(tokens.map(({ name, role }) => [name, role])).toEqual([
      ['grafana', 'reader'],
      ['ops', 'operator'],
    ]);
    expect(authenticate(tokens, 'Bearer with:colons:in:it-123')).toEqual({ name: 'ops', role: 'operator' });
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Basic 0123456789abcdef',
    'Bearer 0123456789abcdeF',
    'Bearer 0123456789abcde',
    '0123456789abcdef',
  ])('%j is nobody', (header) => {
    expect(authenticate(tokens, header)).toBeNull();
  });

  it('keep no token in memory', () => {
    expect(JSON.stringify(tokens)).not.toContain('0123456789abcdef');
  });

  it('that are wrong are all named, without the token', () => {
    const read = () =>
      parseApiTokens(
        'a:writer:0123456789abcdef,b:reader:short-secret,:reader:0123456789abcdef,c:reader:0123456789abcdef,c:reader:0123456789abcdef',
      );
    expect(read).toThrow(/entry 1 .*role.*entry 2 .*16.*entry 3.*name.*entry 5.*twice/s);
    expect(read).not.toThrow(/short-secret|0123456789abcdef/);
  });

  it('a reader may look and not act', () => {
    expect(() => demandRole({ name: 'x', role: 'reader' }, 'reader')).not.toThrow();
    expect(() => demandRole({ name: 'x', role: 'reader' }, 'operator')).toThrow(
      'x is a reader, this needs an operator',
    );
    expect(() => demandRole({ name: 'x', role: 'operator' }, 'operator')).not.toThrow();
  });

  it('the secret of workers is one of those expected, as a whole', () => {
    expect(anySecret(['secret'], 'bearer secret')).toBe(true);
    expect(anySecret(['old', 'secret'], 'bearer secret')).toBe(true);
    expect(anySecret(['secret', 'new'], 'bearer secret')).toBe(true);
    expect(anySecret(['secret'], 'Bearer secret2')).toBe(false);
    expect(anySecret(['secret'], undefined)).toBe(false);
    expect(anySecret([], 'Bearer secret')).toBe(false);
  });
});

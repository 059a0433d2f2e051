import { networkFailure, safeUrl } from './failures';
import { parseRetryAfter } from './retry-after';
import { conditionalHeaders, contentLength, parseContentRange, strongValidator } from './validators';

const error = (code: string): Error => Object.assign(new Error(code), { code });

describe('what HTTP headers mean', () => {
  it('reads Retry-After as seconds or date, at most a day', () => {
    const now = new Date('2026-11-20T10:00:00Z');
    expect(parseRetryAfter('120', now)).toBe(120_000);
    expect(parseRetryAfter('Fri, 20 Nov 2026 10:01:00 GMT', now)).toBe(60_000);
    expect(parseRetryAfter('Fri, 20 Nov 2020 10:01:00 GMT', now)).toBe(0);
    expect(parseRetryAfter('99999999', now)).toBe(86_400_000);
    expect(parseRetryAfter('soon', now)).toBeNull();
    expect(parseRetryAfter(undefined, now)).toBeNull();
  });

  it('takes only strong validators for If-Range', () => {
    const date = 'Fri, 20 Nov 2026 10:00:00 GMT';
    expect(strongValidator({ etag: '"a"', date })).toBe('"a"');
    expect(strongValidator({ etag: 'W/"a"', date })).toBeNull();
    const old = 'Fri, 20 Nov 2026 09:59:00 GMT';
    expect(strongValidator({ etag: 'W/"a"', 'last-modified': old, date })).toBe(old);
    expect(strongValidator({ 'last-modified': 'Fri, 20 Nov 2026 09:59:01 GMT', date })).toBeNull();
    expect(strongValidator({ 'last-modified': old })).toBeNull();
    expect(strongValidator({})).toBeNull();
  });

  it('reads ranges and lengths', () => {
    expect(parseContentRange('bytes 5-9/10')).toEqual({ start: 5, end: 9, total: 10 });
    expect(parseContentRange('bytes 5-9/*')).toEqual({ start: 5, end: 9, total: null });
    expect(parseContentRange('bytes */10')).toBeNull();
    expect(contentLength({ 'content-length': '12' })).toBe(12);
    expect(contentLength({ 'content-length': '12, 12' })).toBeNull();
    expect(conditionalHeaders({ etag: '"a"', lastModified: 'x' })).toEqual({
      'If-None-Match': '"a"',
      'If-Modified-Since': 'x',
    });
  });
});

describe('network errors', () => {
  it.each([
    ['ENOTFOUND', 'dns_failed'],
    ['EAI_AGAIN', 'dns_failed'],
    ['ECONNREFUSED', 'connect_failed'],
    ['ETIMEDOUT', 'connect_timeout'],
    ['ECONNRESET', 'connection_lost'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls_failed'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls_failed'],
    ['CERT_HAS_EXPIRED', 'tls_failed'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls_failed'],
    ['HPE_INVALID_CONSTANT', 'http_server_error'],
    ['SOMETHING', 'connection_lost'],
  ])('%s is %s', (code, name) => {
    const wrapped = new Error('wrapped', { cause: new AggregateError([error(code)]) });
    expect(networkFailure(error(code), 'http://h/').code).toBe(name);
    expect(networkFailure(wrapped, 'http://h/').code).toBe(name);
  });

  it('shows no secret of an address', () => {
    expect(safeUrl('https://user:pw@h/p?api_key=abc&page=2#f')).toBe('https://h/p?api_key=***&page=2');
    expect(JSON.stringify(networkFailure(error('X'), 'https://u:secret@h/?token=abc').toFailure())).not.toMatch(
      /secret|abc/,
    );
  });
});

import { refusalOf, unexpected, type AnswerFacts } from './refusals';

const facts = (status: number, over: Partial<AnswerFacts> = {}): AnswerFacts => ({
  url: 'https://api.example/x',
  shown: 'https://api.example/x?offset=0',
  status,
  contentType: '',
  retryAfterMs: null,
  credential: { variable: 'SOME_KEY', header: 'X-Key', required: true, register: 'https://api.example/register' },
  coolDownMs: 300_000,
  ...over,
});
const gate = (code: string): object => ({ error: { code, message: 'because' } });

describe('an answer with an error', () => {
  it.each<[string, object, number, string, string]>([
    ['of the gate: no key', gate('API_KEY_MISSING'), 403, 'api_key_refused', 'terminal'],
    ['of the gate: a wrong key', gate('API_KEY_INVALID'), 403, 'api_key_refused', 'terminal'],
    ['of the gate: a wrong key, as if all were well', gate('API_KEY_INVALID'), 200, 'api_key_refused', 'terminal'],
    ['of the gate: too much', gate('OVER_RATE_LIMIT'), 429, 'rate_limited', 'transient'],
    ['of the gate: suspended', gate('OVER_RATE_LIMIT'), 403, 'rate_limited', 'transient'],
    ['of the gate: suspended, as if all were well', gate('OVER_RATE_LIMIT'), 200, 'rate_limited', 'transient'],
    ['of the gate: something else', gate('NOT_FOUND'), 404, 'api_error', 'terminal'],
    ['of the gate: its own trouble', gate('INTERNAL'), 503, 'http_server_error', 'transient'],
    ['of the API', { error: 'Invalid facet', code: 400 }, 400, 'api_error', 'terminal'],
    ['of the API, as if all were well', { error: 'Invalid facet', code: 400 }, 200, 'api_error', 'terminal'],
    ['of the API, under a wrong status', { error: 'Invalid facet', code: 400 }, 500, 'api_error', 'terminal'],
    ['of the API: not found', { error: 'Not found.', code: 404 }, 404, 'api_error', 'terminal'],
    ['of the API: its own trouble', { error: 'oh', code: 500 }, 200, 'http_server_error', 'transient'],
    ['of the API, without a code', { error: 'oh' }, 400, 'api_error', 'terminal'],
    ['of the API: too much', { error: 'oh', code: 429 }, 200, 'rate_limited', 'transient'],
    ['without words', { error: { code: 'X' } }, 400, 'api_error', 'terminal'],
  ])('%s', (_, body, status, code, kind) => {
    const failure = refusalOf(body, facts(status));
    expect(failure).toMatchObject({ code, kind, attributes: { url: 'https://api.example/x?offset=0', status } });
    expect(failure?.message).toContain('https://api.example/x');
  });

  it.each([[{ response: {} }], [{ error: null }], [{ error: '' }], [[1]], [null], ['error']])('is not %j', (body) =>
    expect(refusalOf(body, facts(200))).toBeNull(),
  );

  it('says how a key is got and set', () => {
    const { nextStep } = refusalOf(gate('API_KEY_MISSING'), facts(403)) ?? {};
    expect(nextStep).toContain('https://api.example/register');
    expect(nextStep).toContain('SOME_KEY');
  });

  it('says when to come back: when the publisher says, or after the cool-down of the definition', () => {
    const after = (retryAfterMs: number | null) =>
      refusalOf(gate('OVER_RATE_LIMIT'), facts(429, { retryAfterMs }))?.attributes.retryAfterMs;
    expect([after(7_000), after(null)]).toEqual([7_000, 300_000]);
  });
});

const PAGE = '<!DOCTYPE html>\n<html><head><title>Over the limit</title></head><body>x</body></html>';

describe('an answer that is no JSON', () => {
  it.each<[string, string, number, string, string]>([
    ['a page', PAGE, 200, 'payload_html', 'transient'],
    ['a page for being too fast', PAGE, 429, 'rate_limited', 'transient'],
    ['a text that speaks of the limit', 'OVER_RATE_LIMIT', 403, 'rate_limited', 'transient'],
    ['a page that forbids', PAGE, 403, 'rate_limited', 'transient'],
    ['a text that forbids', 'Forbidden', 403, 'http_client_error', 'terminal'],
    ['a text for its own trouble', 'Something unexpected happened.', 500, 'http_server_error', 'transient'],
    ['a page for its own trouble', PAGE, 502, 'http_server_error', 'transient'],
    ['a page where nothing is', PAGE, 404, 'not_found', 'terminal'],
    ['nothing', '', 200, 'payload_empty', 'transient'],
    ['nothing, with a refusal', '', 400, 'http_client_error', 'terminal'],
    ['nothing, without leave', '', 401, 'api_key_refused', 'terminal'],
    ['a text', 'upstream timed out', 200, 'payload_unknown', 'transient'],
  ])('%s', (_, text, status, code, kind) => {
    expect(unexpected(Buffer.from(text), facts(status))).toMatchObject({ code, kind });
  });
});

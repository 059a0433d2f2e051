import { FreshetError, type Credential, type FailureAttributes } from '@freshet/domain';
import { classify, titleOf } from '../payload/classify';

/** What an answer was, as far as it matters for telling what went wrong. Texts are clean of secrets. */
export interface AnswerFacts {
  /** The address without its parameters, for sentences, and with them, for attributes. */
  readonly url: string;
  readonly shown: string;
  readonly status: number;
  readonly contentType: string;
  /** What the publisher asked for with `Retry-After`; null when it did not. */
  readonly retryAfterMs: number | null;
  readonly credential: Credential | null;
  /** How long to wait after a suspension that does not say how long it lasts. */
  readonly coolDownMs: number;
}

const SHOWN = 300;
const LIMITED = /over[_ ]rate[_ ]limit|too many requests|rate limit/i;
const KEY = /^API_KEY_|\bapi[_ -]?key\b/i;

/** The failure that a body with an `error` means, in either shape; null when it has none. */
export function refusalOf(body: unknown, facts: AnswerFacts): FreshetError | null {
  const error = member(body, 'error');
  if (error === undefined || error === null || error === false || error === '') return null;
  const text = typeof error === 'string' ? error : (textOf(member(error, 'message')) ?? JSON.stringify(error));
  const code = textOf(
    typeof error === 'string' ? member(body, 'code') : (member(error, 'code') ?? member(body, 'code')),
  );
  const said = text.replace(/\s+/g, ' ').slice(0, SHOWN);
  // Bodies and statuses contradict each other; what the body says is meant.
  const number = code !== null && /^[1-5]\d\d$/.test(code) ? Number(code) : facts.status;
  if (code === 'OVER_RATE_LIMIT' || number === 429) return limited(facts, said);
  if (KEY.test(code ?? '') || number === 401 || (facts.status === 403 && KEY.test(text)))
    return keyRefused(facts, said, code);
  if (number >= 500) return serverError(facts, said);
  return new FreshetError('api_error', {
    message: `the publisher refuses the request: ${said} (${facts.url})`,
    nextStep: 'Compare `paging` in the definition with the publisher’s documentation, and correct what it names.',
    attributes: { ...attributes(facts), apiCode: code },
  });
}

/** The failure that an answer means which is not the JSON that was expected. `head` is its beginning. */
export function unexpected(head: Buffer, facts: AnswerFacts): FreshetError {
  const text = head.toString('utf8');
  const html = classify(head, facts.contentType) === 'html';
  const said = (html ? titleOf(head) : text.replace(/\s+/g, ' ').trim().slice(0, 100)) ?? '';
  const { url, status } = facts;
  // An API refuses in JSON; a page with 403 comes from what stands before it and keeps those away who ask too much.
  if (status === 429 || (status === 403 && html) || (status !== 200 && LIMITED.test(text))) return limited(facts, said);
  if (status === 408 || status >= 500) return serverError(facts, said);
  if (status === 401) return keyRefused(facts, said, null);
  if (status === 404 || status === 410) {
    return new FreshetError('not_found', {
      message: `the publisher answers ${status} (${url})`,
      nextStep: 'Open the publisher’s documentation; if the route moved, correct `access` in the definition.',
      attributes: attributes(facts),
    });
  }
  if (status < 200 || status >= 300) {
    return new FreshetError('http_client_error', {
      message: `the publisher answers ${status}${said ? `: ${said}` : ''} (${url})`,
      nextStep: 'Compare `access` and `paging` in the definition with the publisher’s documentation.',
      attributes: attributes(facts),
    });
  }
  if (head.length === 0) {
    return new FreshetError('payload_empty', {
      message: `the publisher sent nothing where JSON was expected (${url})`,
      nextStep: 'It is tried again by itself; if it repeats, look at the publisher’s status page.',
      attributes: attributes(facts),
    });
  }
  if (html) {
    return new FreshetError('payload_html', {
      // An API whose address is right sends pages while it is down or overloaded.
      kind: 'transient',
      message: `the publisher sent a page${said ? ` (“${said}”)` : ''} where JSON was expected (${url})`,
      nextStep: 'It is tried again by itself; if it repeats, open the page and correct `access` in the definition.',
      attributes: attributes(facts),
    });
  }
  return new FreshetError('payload_unknown', {
    kind: 'transient',
    message: `what came is no JSON (${url}; it starts with ${JSON.stringify(said.slice(0, 40))})`,
    nextStep: 'It is tried again by itself; if it repeats, compare `access` with the publisher’s documentation.',
    attributes: attributes(facts),
  });
}

/** The credential that a definition asks for is not there. Nothing has been asked yet. */
export function credentialMissing(dataset: string, credential: Credential): FreshetError {
  const { variable } = credential;
  return new FreshetError('api_key_refused', {
    message: `${dataset} needs a key, and ${variable} is not set`,
    nextStep: `${obtain(credential)} Set ${variable} (or ${variable}_FILE, the path of a file with it) for the fetcher, start it again, then refresh.`,
    attributes: { variable },
  });
}

function keyRefused(facts: AnswerFacts, said: string, code: string | null): FreshetError {
  const { credential } = facts;
  const variable = credential?.variable ?? 'the variable named in `credential` of the definition';
  return new FreshetError('api_key_refused', {
    message: `the publisher refuses the key${said ? `: ${said}` : ''} (${facts.url})`,
    nextStep: `${credential ? obtain(credential) : 'Get a key from the publisher.'} Set ${variable} for the fetcher to it, start it again, then refresh.`,
    attributes: { ...attributes(facts), apiCode: code, variable: credential?.variable ?? null },
  });
}

const obtain = ({ register }: Credential): string =>
  register ? `A key is to be had at ${register}.` : 'Get a key from the publisher.';

function limited(facts: AnswerFacts, said: string): FreshetError {
  const retryAfterMs = facts.retryAfterMs ?? facts.coolDownMs;
  return new FreshetError('rate_limited', {
    message: `the publisher asks to slow down${said ? `: ${said}` : ''} (${facts.url})`,
    nextStep: `It is tried again by itself in ${Math.ceil(retryAfterMs / 1000)} s; if it repeats, lower rateLimit in the definition: others may use the same key.`,
    attributes: { ...attributes(facts), retryAfterMs },
  });
}

const serverError = (facts: AnswerFacts, said: string): FreshetError =>
  new FreshetError('http_server_error', {
    message: `the publisher answers ${facts.status}${said ? `: ${said}` : ''} (${facts.url})`,
    nextStep: 'The publisher has a problem; it is tried again by itself.',
    attributes: {
      ...attributes(facts),
      ...(facts.retryAfterMs === null ? {} : { retryAfterMs: facts.retryAfterMs }),
    },
  });

const attributes = ({ shown, status }: AnswerFacts): FailureAttributes => ({ url: shown, status });

function member(value: unknown, key: string): unknown {
  if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}

const textOf = (value: unknown): string | null =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : null;

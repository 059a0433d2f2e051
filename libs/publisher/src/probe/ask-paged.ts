import { FreshetError, systemClock, type Clock, type Credential, type DatasetDefinition } from '@freshet/domain';
import { readAll, type HttpClient } from '../http/client';
import { safeUrl } from '../http/failures';
import { parseRetryAfter } from '../http/retry-after';
import { refusalOf, unexpected, type AnswerFacts } from '../paged/refusals';
import { Scrubber } from '../paged/scrub';
import { CLASSIFY_BYTES } from '../payload/classify';
import type { Pace } from './pace';

/** One record with all around it has a few kilobytes; a publisher that ignores what it is asked sends a page. */
const MOST_BYTES = 4 * 1024 * 1024;
const DEFAULT_COOL_DOWN_MS = 60_000;

export interface Asked {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the key goes along, where there is one. */
  readonly withKey: boolean;
}

/** What came of one question. Clean of secrets. */
export interface Answer {
  /** Null when nobody answered. */
  readonly status: number | null;
  /** Undefined where it is no JSON. */
  readonly body: unknown;
  readonly failure: FreshetError | null;
  /** Whether the key stood in it. */
  readonly repeatsKey: boolean;
}

export interface AskerParts {
  readonly http: HttpClient;
  readonly definition: DatasetDefinition;
  readonly secret: string | null;
  readonly pace: Pace;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/** Asks the API of one definition, and remembers how long answers took. */
export class Asker {
  readonly answeredMs: number[] = [];
  private readonly scrubber: Scrubber;
  private readonly clock: Clock;

  constructor(private readonly parts: AskerParts) {
    this.scrubber = new Scrubber(parts.secret);
    this.clock = parts.clock ?? systemClock;
  }

  get secret(): string | null {
    return this.parts.secret;
  }

  now(): Date {
    return this.clock.now();
  }

  /** Never throws but when it is told to stop: a failure is a finding. */
  async ask(asked: Asked): Promise<Answer> {
    const { definition, pace, signal } = this.parts;
    try {
      await pace.turn(definition.rateLimit ?? null, signal);
      const answer = await this.send(asked);
      if (answer.failure?.code === 'rate_limited') pace.stop(definition.rateLimit ?? null, answer.failure);
      return answer;
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof FreshetError)) throw error;
      return { status: null, body: undefined, failure: error, repeatsKey: false };
    }
  }

  private async send({ url, headers, withKey }: Asked): Promise<Answer> {
    const { http, definition, secret, signal } = this.parts;
    const { credential } = definition;
    const secretHeaders = withKey && credential && secret !== null ? { [credential.header]: secret } : {};
    const startedAt = performance.now();
    const response = await http.request({ url, headers, secretHeaders, signal });
    try {
      const received = await readAll(response, MOST_BYTES);
      this.answeredMs.push(Math.round(performance.now() - startedAt));
      const text = this.scrubber.text(received.toString('utf8'));
      const repeatsKey = secret !== null && text !== received.toString('utf8');
      const facts = this.factsOf(url, response.status, response.headers);
      const body = parsed(text);
      const refusal = body === undefined ? null : refusalOf(body, facts);
      const good = body !== undefined && response.status >= 200 && response.status < 300;
      const head = body === undefined ? Buffer.from(text).subarray(0, CLASSIFY_BYTES) : Buffer.alloc(0);
      return {
        status: response.status,
        body,
        failure: this.here(refusal ?? (good ? null : unexpected(head, facts))),
        repeatsKey,
      };
    } finally {
      response.close();
    }
  }

  /** What to do about a key is another thing for a person at this machine than for who runs fetchers. */
  private here(failure: FreshetError | null): FreshetError | null {
    const { credential } = this.parts.definition;
    if (failure?.code !== 'api_key_refused' || !credential) return failure;
    const { message, attributes } = failure;
    return new FreshetError('api_key_refused', { message, nextStep: howToGive(credential), attributes });
  }

  private factsOf(url: string, status: number, headers: Readonly<Record<string, string>>): AnswerFacts {
    const { credential, rateLimit } = this.parts.definition;
    return {
      url: plainUrl(url),
      shown: this.scrubber.text(safeUrl(url)),
      status,
      contentType: headers['content-type'] ?? '',
      retryAfterMs: parseRetryAfter(headers['retry-after'], this.clock.now()),
      credential: credential ?? null,
      coolDownMs: rateLimit?.coolDownMs ?? DEFAULT_COOL_DOWN_MS,
    };
  }
}

/** Fetchers have a configuration of their own. */
export const howToGive = ({ variable, register }: Credential): string =>
  `${register ? `A key is to be had at ${register}.` : 'Get a key from the publisher.'} Set ${variable} (or ${variable}_FILE, the path of a file with it) where this command runs.`;

/** Without parameters and secrets. */
export function plainUrl(url: string): string {
  const plain = new URL(safeUrl(url));
  plain.search = '';
  return plain.href;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

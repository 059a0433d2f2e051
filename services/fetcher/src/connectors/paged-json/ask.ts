import { setTimeout as wait } from 'node:timers/promises';
import {
  FreshetError,
  retryDelayMs,
  type FailureCode,
  type PagedJson,
  type RequestReport,
  type ResourceDefinition,
} from '@freshet/domain';
import {
  type AnswerFacts,
  countAt,
  type HttpResponse,
  type PageRequest,
  pageRequest,
  parseRetryAfter,
  type Question,
  refusalOf,
  retryAfterOf,
  safeUrl,
  type Scrubber,
  type Stamps,
  unexpected,
  warningsAt,
} from '@freshet/publisher';
import { countRequestError, recordRequest } from '../../metrics';
import type { ConnectorTask } from '../connector';
import { readDocument, type Records } from './document';

export interface Page extends Records {
  /** Records of the whole answer, over all its pages. */
  readonly total: number;
  readonly report: Omit<RequestReport, 'chunks'>;
}

export interface AskOptions {
  readonly task: ConnectorTask;
  readonly paging: PagedJson;
  readonly resource: ResourceDefinition;
  readonly address: string;
  readonly stamps: Stamps;
  readonly scrubber: Scrubber;
  readonly onBytes: (count: number) => void;
}

/** These are of one request: it is sent again at once, before the whole attempt is given up. */
const REPEATED: ReadonlySet<FailureCode> = new Set<FailureCode>([
  'http_server_error',
  'connection_lost',
  'stalled',
  'dns_failed',
  'connect_failed',
  'connect_timeout',
  'payload_incomplete',
  'payload_empty',
]);
const MOST_TRIES = 4;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 8_000;
/** Who is asked to wait longer than this gives the lease back meanwhile: the attempt fails, and the next one comes later. */
const LONGEST_WAIT_MS = 30_000;
const DEFAULT_COOL_DOWN_MS = 60_000;

/**
 * Asks for one page, with a permit for every request that is sent, until the answer is whole or there is no use in going on.
 * A publisher that suspends us is left alone by all fetchers.
 */
export async function askPage(
  options: AskOptions,
  question: Question,
  offset: number,
  firstChunk: number,
): Promise<Page> {
  const { task, paging, address, stamps } = options;
  const request = pageRequest(paging, address, question, offset, stamps);
  for (let attempt = 1; ; attempt += 1) {
    await task.permit();
    try {
      return await send(options, request, firstChunk);
    } catch (error) {
      task.signal.throwIfAborted();
      if (!(error instanceof FreshetError)) throw error;
      const { code, message } = error;
      countRequestError(task.definition.source, code);
      if (code === 'rate_limited') await task.coolDown(retryAfterOf(error));
      const delayMs = delay(task, attempt, retryAfterOf(error));
      if (!REPEATED.has(code) || attempt >= MOST_TRIES || delayMs > LONGEST_WAIT_MS) throw error;
      task.logger.warn({ code, attempt, delayMs }, `asking again: ${message}`);
      await wait(delayMs, undefined, { signal: task.signal }).catch(() => task.signal.throwIfAborted());
    }
  }
}

function delay({ definition }: ConnectorTask, attempt: number, retryAfterMs: number): number {
  const { maxAttempts, initialDelayMs, maxDelayMs } = definition.retry;
  const policy = {
    maxAttempts,
    initialDelayMs: Math.min(FIRST_DELAY_MS, initialDelayMs),
    maxDelayMs: Math.min(LONGEST_DELAY_MS, maxDelayMs),
  };
  return retryDelayMs(policy, attempt + 1, Math.random, retryAfterMs);
}

async function send(options: AskOptions, request: PageRequest, firstChunk: number): Promise<Page> {
  const { task, paging, resource, scrubber, onBytes } = options;
  const { definition, http, signal, clock, secret } = task;
  const sentAt = clock.now();
  const secretHeaders = definition.credential && secret !== null ? { [definition.credential.header]: secret } : {};
  const response = await http.request({ url: request.url, headers: request.headers, secretHeaders, signal });
  let sized = 0;
  try {
    const facts = factsOf(options, request, response);
    assertPlain(response, facts);
    const document = await readDocument(response.body, {
      ...{ paging, resource, firstChunk, scrubber, chunkBytes: task.chunkBytes },
      onBytes: (count) => {
        sized += count;
        onBytes(count);
      },
    });
    if (document.kind === 'other') throw unexpected(Buffer.from(scrubber.text(document.head.toString('utf8'))), facts);
    const refusal = refusalOf(document.envelope, facts);
    if (refusal) throw refusal;
    if (response.status < 200 || response.status >= 300) throw unexpected(Buffer.alloc(0), facts);
    const { chunks, records, header, tally, bytes, sha256, envelope, found } = document;
    const total = countAt(envelope, paging.total);
    if (!found || total === null) throw shapeUnknown(paging, found, facts);
    const at = clock.now();
    const ms = Math.max(0, at.getTime() - sentAt.getTime());
    const warnings = warningsAt(envelope, paging.warnings);
    const report = {
      ...{ url: facts.shown, at: at.toISOString(), ms, status: response.status, bytes, sha256, records, warnings },
    };
    return { chunks, records, header, tally, total, report };
  } finally {
    response.close();
    recordRequest(definition.source, response.status, (clock.now().getTime() - sentAt.getTime()) / 1000, sized);
  }
}

function factsOf({ task, address, scrubber }: AskOptions, request: PageRequest, response: HttpResponse): AnswerFacts {
  const { definition, clock } = task;
  const url = new URL(safeUrl(address));
  url.search = '';
  return {
    url: url.href,
    shown: scrubber.text(safeUrl(request.shown)),
    status: response.status,
    contentType: response.headers['content-type'] ?? '',
    retryAfterMs: parseRetryAfter(response.headers['retry-after'], clock.now()),
    credential: definition.credential,
    coolDownMs: definition.rateLimit?.coolDownMs ?? DEFAULT_COOL_DOWN_MS,
  };
}

/** @throws FreshetError for a coding that was not asked for: its bytes are not what is hashed and cut. */
function assertPlain(response: HttpResponse, facts: AnswerFacts): void {
  const coding = response.headers['content-encoding'] ?? 'identity';
  if (coding === 'identity') return;
  throw new FreshetError('http_client_error', {
    message: `the publisher answers with content coding ${coding}, which was not asked for (${facts.url})`,
    nextStep: 'Look at what stands between here and the publisher: a proxy that compresses must leave this API alone.',
    attributes: { url: facts.shown, coding },
  });
}

function shapeUnknown(paging: PagedJson, found: boolean, facts: AnswerFacts): FreshetError {
  const what = found ? `total at ${paging.total.join('.')}` : `list at ${paging.records.join('.')}`;
  return new FreshetError('payload_unknown', {
    message: `the answer has no ${what} (${facts.url})`,
    nextStep: 'The publisher changed its answers, or the definition is wrong: correct `records` and `total` of paging.',
    attributes: { url: facts.shown, status: facts.status },
  });
}

import type { FailureCode } from '@freshet/domain';
import type { EiaFault, EiaFaultKind } from '@freshet/testing';

/** Attempts of a run in this test, and requests of one page before its attempt is given up. */
export const MAX_ATTEMPTS = 2;
export const TRIES = 4;
/** How long nobody asks after a suspension that does not say how long it lasts. */
export const COOL_DOWN_MS = 400;
/** Pages of the answer that every fault is met in: 20, 20 and 8 rows. */
export const PAGES = 3;

export interface EiaFaultCase {
  readonly name: string;
  /** `eia.demand` unless told otherwise; `eia.forecast` has short timeouts. */
  readonly dataset?: 'eia.demand' | 'eia.forecast';
  readonly fault: Omit<EiaFault, 'kind'>;
  /** Published, or the failure of the last attempt. */
  readonly ends: 'published' | FailureCode;
  readonly attempts: number;
  /** The failure of the first attempt, where the run goes through in the second. */
  readonly first?: FailureCode;
  /** Data requests that went out in all. */
  readonly requests: number | { readonly from: number; readonly to: number };
  /** What the message and the next step have to say. */
  readonly says?: RegExp;
  /** From the first request to the last. */
  readonly minimumMs?: number;
}

/** Met once, the fault is got over by asking again within the attempt: nothing but one more request. */
const askedAgain = { ends: 'published', attempts: 1, requests: PAGES + 1 } as const;
/** Met once, the attempt is given up and the next one begins at the first page. `asked`: requests of the first attempt. */
const nextAttempt = (first: FailureCode, asked = 1) =>
  ({ ends: 'published', attempts: 2, first, requests: asked + PAGES }) as const;

/** Every fault of the simulated EIA: how it ends once, and how it ends when it never goes away. */
export const EIA_FAULT_CASES: Readonly<Record<EiaFaultKind, readonly EiaFaultCase[]>> = {
  'server-error': [
    { name: 'once', fault: { times: 1, after: 1 }, ...askedAgain },
    {
      name: 'for good',
      fault: {},
      ends: 'http_server_error',
      attempts: MAX_ATTEMPTS,
      requests: MAX_ATTEMPTS * TRIES,
      says: /500: Something unexpected happened/,
    },
  ],
  html: [
    { name: 'once', fault: { times: 1 }, ...nextAttempt('payload_html') },
    { name: 'for good', fault: {}, ends: 'payload_html', attempts: MAX_ATTEMPTS, requests: MAX_ATTEMPTS, says: /page/ },
  ],
  'rate-limited': [
    { name: 'once', fault: { times: 1, after: 2 }, ...nextAttempt('rate_limited', 3), minimumMs: COOL_DOWN_MS },
    {
      name: 'for good',
      fault: {},
      ends: 'rate_limited',
      attempts: MAX_ATTEMPTS,
      requests: MAX_ATTEMPTS,
      says: /rateLimit/,
      minimumMs: COOL_DOWN_MS,
    },
  ],
  'rate-limited-html': [
    { name: 'once', fault: { times: 1 }, ...nextAttempt('rate_limited'), minimumMs: COOL_DOWN_MS },
    {
      name: 'for good',
      fault: {},
      ends: 'rate_limited',
      attempts: MAX_ATTEMPTS,
      requests: MAX_ATTEMPTS,
      says: /rateLimit/,
      minimumMs: COOL_DOWN_MS,
    },
  ],
  suspended: [
    { name: 'once', fault: { times: 1 }, ...nextAttempt('rate_limited'), minimumMs: COOL_DOWN_MS },
    {
      name: 'for good',
      fault: {},
      ends: 'rate_limited',
      attempts: MAX_ATTEMPTS,
      requests: MAX_ATTEMPTS,
      says: /exceeded your rate limit/,
      minimumMs: COOL_DOWN_MS,
    },
  ],
  'key-refused': [
    {
      name: 'on the second page',
      fault: { after: 1 },
      ends: 'api_key_refused',
      attempts: 1,
      requests: 2,
      says: /EIA_API_KEY/,
    },
  ],
  'error-in-200': [
    {
      name: 'for good',
      fault: {},
      ends: 'api_error',
      attempts: 1,
      requests: 1,
      says: /Invalid frequency 'hourly'.*paging/s,
    },
  ],
  'gate-error-in-200': [
    { name: 'once', fault: { times: 1 }, ...nextAttempt('rate_limited'), minimumMs: COOL_DOWN_MS },
    { name: 'for good', fault: {}, ends: 'rate_limited', attempts: MAX_ATTEMPTS, requests: MAX_ATTEMPTS },
  ],
  'total-changes': [
    { name: 'once', fault: { times: 1 }, ...nextAttempt('total_changed', 2) },
    {
      name: 'for good',
      fault: { by: 5 },
      ends: 'total_changed',
      attempts: MAX_ATTEMPTS,
      requests: MAX_ATTEMPTS * 2,
      says: /48 records.*53/s,
    },
  ],
  'total-missing': [
    {
      name: 'for good',
      fault: {},
      ends: 'payload_unknown',
      attempts: 1,
      requests: 1,
      says: /no total at response\.total/,
    },
  ],
  'short-page': [
    { name: 'once', fault: { times: 1 }, ends: 'published', attempts: 1, requests: PAGES },
    {
      name: 'for good',
      fault: {},
      ends: 'payload_incomplete',
      attempts: MAX_ATTEMPTS,
      // 19, 19 and 9 rows; the last one never comes.
      requests: MAX_ATTEMPTS * 4,
      says: /promised 48.*gave 47/s,
    },
  ],
  'long-page': [{ name: 'for good', fault: { by: 3 }, ends: 'published', attempts: 1, requests: PAGES }],
  'empty-page': [
    { name: 'once', fault: { times: 1 }, ...nextAttempt('payload_incomplete', 2) },
    {
      name: 'for good',
      fault: {},
      ends: 'payload_incomplete',
      attempts: MAX_ATTEMPTS,
      requests: MAX_ATTEMPTS * 2,
      says: /promised 48.*gave 20/s,
    },
  ],
  'wrong-order': [{ name: 'for good', fault: {}, ends: 'published', attempts: 1, requests: PAGES }],
  'cut-body': [
    { name: 'once', fault: { times: 1, after: 1 }, ...askedAgain },
    { name: 'for good', fault: {}, ends: 'connection_lost', attempts: MAX_ATTEMPTS, requests: MAX_ATTEMPTS * TRIES },
  ],
  'cut-json': [
    { name: 'once', fault: { times: 1, after: 2 }, ...askedAgain },
    { name: 'for good', fault: {}, ends: 'payload_incomplete', attempts: MAX_ATTEMPTS, requests: MAX_ATTEMPTS * TRIES },
  ],
  'slow-body': [
    {
      name: 'within the time of an attempt',
      fault: { everyMs: 10 },
      ends: 'published',
      attempts: 1,
      requests: PAGES,
      minimumMs: 400,
    },
    {
      name: 'longer than an attempt may take',
      dataset: 'eia.forecast',
      fault: { everyMs: 250, times: 1 },
      ...nextAttempt('total_timeout'),
    },
  ],
  stall: [
    { name: 'once', dataset: 'eia.forecast', fault: { times: 1 }, ...askedAgain },
    {
      name: 'for good',
      dataset: 'eia.forecast',
      fault: {},
      ends: 'stalled',
      attempts: MAX_ATTEMPTS,
      requests: MAX_ATTEMPTS * TRIES,
      says: /400 ms.*timeouts\.stall /s,
    },
  ],
  // The parser finds it, and ends the attempt while the fetcher may be asking for the next page.
  'no-values': [
    {
      name: 'for good',
      fault: {},
      ends: 'column_missing',
      attempts: 1,
      requests: { from: 1, to: PAGES },
      says: /value.*what is published stays/s,
    },
    {
      name: 'on one page of three',
      fault: { times: 1, after: 1 },
      ends: 'column_missing',
      attempts: 1,
      requests: { from: 2, to: PAGES },
    },
  ],
  drop: [
    { name: 'once', fault: { times: 1 }, ...askedAgain },
    { name: 'for good', fault: {}, ends: 'connection_lost', attempts: MAX_ATTEMPTS, requests: MAX_ATTEMPTS * TRIES },
  ],
};

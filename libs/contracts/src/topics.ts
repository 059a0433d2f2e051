/** `<product>.<subject>.<event>.v<n>`: a change that old readers cannot read gets a new number. */
export const TOPICS = {
  fetchRequested: 'freshet.fetch.requested.v1',
  chunkFetched: 'freshet.chunk.fetched.v1',
  batchParsed: 'freshet.batch.parsed.v1',
  batchValidated: 'freshet.batch.validated.v1',
  loadCommanded: 'freshet.load.commanded.v1',
  runEvents: 'freshet.run.events.v1',
  deadLetter: 'freshet.dead.letter.v1',
} as const;

export type Topic = (typeof TOPICS)[keyof typeof TOPICS];

/** Header names. W3C trace context keeps its standard names. */
export const HEADERS = {
  correlationId: 'freshet-correlation-id',
  attempt: 'freshet-delivery-attempt',
  traceparent: 'traceparent',
  tracestate: 'tracestate',
  deadLetterReason: 'freshet-dead-letter-reason',
  deadLetterCode: 'freshet-dead-letter-code',
  deadLetterStep: 'freshet-dead-letter-step',
  deadLetterTopic: 'freshet-dead-letter-topic',
  deadLetterPartition: 'freshet-dead-letter-partition',
  deadLetterOffset: 'freshet-dead-letter-offset',
} as const;

/**
 * Trace context of everything that is done for a run: the trace id is the run's id without its hyphens, so that whoever has the
 * one finds the other, and messages that leave minutes apart (fetch, publish, export, the end) belong to one trace.
 */
export function traceparentOf(runId: string): string {
  const traceId = runId.replaceAll('-', '').toLowerCase();
  return `00-${traceId}-${traceId.slice(0, 16)}-01`;
}

/** Largest message any transport takes unless configured otherwise, frame included; the same for all services and topics. */
export const DEFAULT_MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

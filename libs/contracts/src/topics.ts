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

/** Largest message any transport takes unless configured otherwise, frame included; the same for all services and topics. */
export const DEFAULT_MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

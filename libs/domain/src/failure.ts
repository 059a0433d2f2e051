/**
 * Every way a refresh can end badly has a code, listed here once. Codes are bounded: they become metric labels,
 * API values and rows of the fault table, so free text never stands in their place.
 */
export const FAILURES = {
  // reaching the publisher
  dns_failed: 'transient',
  connect_failed: 'transient',
  connect_timeout: 'transient',
  tls_failed: 'terminal',
  stalled: 'transient',
  total_timeout: 'transient',
  connection_lost: 'transient',
  http_server_error: 'transient',
  rate_limited: 'transient',
  http_client_error: 'terminal',
  not_found: 'terminal',
  too_many_redirects: 'terminal',
  address_not_public: 'terminal',
  api_error: 'terminal',
  api_key_refused: 'terminal',
  // what came back
  payload_html: 'terminal',
  payload_empty: 'transient',
  payload_unknown: 'terminal',
  payload_too_large: 'terminal',
  archive_truncated: 'transient',
  archive_corrupt: 'transient',
  archive_bomb: 'terminal',
  archive_unsafe_entry: 'terminal',
  archive_empty: 'terminal',
  archive_unsupported: 'terminal',
  payload_incomplete: 'transient',
  total_changed: 'transient',
  page_limit: 'terminal',
  upstream_changed: 'transient',
  resource_missing: 'terminal',
  resource_empty: 'terminal',
  record_too_large: 'terminal',
  unclosed_quote: 'terminal',
  // what was in it
  header_missing: 'terminal',
  column_unknown: 'terminal',
  column_missing: 'terminal',
  type_mismatch: 'terminal',
  record_ragged: 'terminal',
  undecodable: 'terminal',
  // accepting it
  gate_refused_share: 'terminal',
  gate_row_drift: 'terminal',
  gate_duplicate_key: 'terminal',
  check_failed: 'terminal',
  balance_mismatch: 'transient',
  no_progress: 'transient',
  lease_expired: 'transient',
  dead_lettered: 'transient',
  schema_change_blocked: 'terminal',
  export_failed: 'transient',
  attempts_exhausted: 'terminal',
  cancelled: 'terminal',
  // ourselves
  definition_unknown: 'transient',
  definition_invalid: 'terminal',
  code_unknown: 'terminal',
  file_unreadable: 'terminal',
  message_invalid: 'terminal',
  dependency_unavailable: 'transient',
  fenced: 'terminal',
  internal: 'transient',
} as const satisfies Record<string, 'terminal' | 'transient'>;

export type FailureCode = keyof typeof FAILURES;
export type FailureKind = 'terminal' | 'transient';

/** Facts about a failure, safe to log: never a secret, never a row of data. */
export type FailureAttributes = Readonly<Record<string, string | number | boolean | null>>;

/** A failure as it travels in messages, is stored, and is shown. */
export interface Failure {
  readonly code: FailureCode;
  readonly kind: FailureKind;
  /** What happened, in one sentence an operator understands. */
  readonly message: string;
  /** What to do next, in one sentence. */
  readonly nextStep: string;
  readonly attributes: FailureAttributes;
}

export interface FailureInit {
  readonly message: string;
  readonly nextStep: string;
  readonly attributes?: FailureAttributes;
  /** Overrides the code's usual kind, for example a 404 that a definition declares as temporary. */
  readonly kind?: FailureKind;
  readonly cause?: unknown;
}

/** The one error class of Freshet: typed, with attributes and an operator's next step. */
export class FreshetError extends Error {
  readonly code: FailureCode;
  readonly kind: FailureKind;
  readonly nextStep: string;
  readonly attributes: FailureAttributes;

  constructor(code: FailureCode, init: FailureInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.name = 'FreshetError';
    this.code = code;
    this.kind = init.kind ?? FAILURES[code];
    this.nextStep = init.nextStep;
    this.attributes = init.attributes ?? {};
  }

  toFailure(): Failure {
    return {
      code: this.code,
      kind: this.kind,
      message: this.message,
      nextStep: this.nextStep,
      attributes: this.attributes,
    };
  }
}

/** Any thrown value as a failure; an unknown one is `internal` and transient, because a restart may cure it. */
export function toFailure(error: unknown): Failure {
  if (error instanceof FreshetError) return error.toFailure();
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'internal',
    kind: 'transient',
    message: `unexpected error: ${message}`,
    nextStep: 'Look at the log of the service named in the run; if it repeats, report it with the run id.',
    attributes: { error: error instanceof Error ? error.name : typeof error },
  };
}

export const isTransient = (failure: Pick<Failure, 'kind'>): boolean => failure.kind === 'transient';

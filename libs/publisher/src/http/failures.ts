import { FreshetError, type FailureAttributes, type FailureCode } from '@freshet/domain';

const SECRET_PARAMETER = /key|token|secret|sig|pass|auth|credential/i;

/** A URL as it may be logged: without user info, and with the values of parameters that look like secrets masked. */
export function safeUrl(url: string | URL): string {
  try {
    const safe = new URL(url);
    safe.username = '';
    safe.password = '';
    safe.hash = '';
    for (const name of [...safe.searchParams.keys()])
      if (SECRET_PARAMETER.test(name)) safe.searchParams.set(name, '***');
    return safe.toString();
  } catch {
    return '(not a URL)';
  }
}

const NEXT_STEP = {
  dns_failed: 'Check the name and this cluster’s DNS; it is tried again by itself.',
  connect_failed: 'The publisher may be down, or egress to it is not allowed; it is tried again by itself.',
  connect_timeout: 'The publisher may be down or slow, or egress to it is not allowed; it is tried again by itself.',
  tls_failed:
    'Look at the publisher’s certificate. If an authority of your own stands between, give it to Node with NODE_EXTRA_CA_CERTS; verification is never switched off.',
  stalled: 'It is tried again by itself; if it repeats, raise timeouts.stall in the definition.',
  total_timeout: 'The next attempt is given more time; if it repeats, raise timeouts.total in the definition.',
  connection_lost: 'It is tried again by itself; if it repeats, look at proxies between here and the publisher.',
  http_server_error: 'The publisher has a problem; it is tried again by itself.',
  rate_limited: 'The publisher asks for patience; it is tried again after the time it named.',
  http_client_error: 'Open the address in a browser; if it moved, correct `access` in the definition.',
  not_found: 'Open the publisher’s page; if the file moved, correct `access` in the definition.',
  too_many_redirects: 'Open the address in a browser and put its final form into the definition.',
  address_not_public:
    'If this host is meant to be private, name it in allowPrivateHosts of the definition; otherwise do not trust the address.',
  payload_too_large: 'If the publisher really grew that much, raise the limit in the definition.',
  upstream_changed: 'The file was replaced while it was read; it is fetched again from the start by itself.',
} as const satisfies Partial<Record<FailureCode, string>>;

export type HttpFailureCode = keyof typeof NEXT_STEP;

export function httpFailure(
  code: HttpFailureCode,
  message: string,
  url: string | URL,
  attributes: FailureAttributes = {},
  cause?: unknown,
): FreshetError {
  const safe = safeUrl(url);
  return new FreshetError(code, {
    // A sentence is to be read; the parameters, of which an API has many, stand in the attributes.
    message: `${message} (${safe.replace(/\?.*$/, '')})`,
    nextStep: NEXT_STEP[code],
    attributes: { url: safe, ...attributes },
    cause,
  });
}

/** Milliseconds a publisher asked to wait, when the failure carries them. */
export function retryAfterOf(failure: { readonly attributes: FailureAttributes }): number {
  const value = failure.attributes.retryAfterMs;
  return typeof value === 'number' && value > 0 ? value : 0;
}

const CODES: ReadonlyArray<readonly [RegExp, HttpFailureCode, string]> = [
  [/^(ENOTFOUND|EAI_AGAIN|EAI_|ENODATA|ESERVFAIL)/, 'dns_failed', 'the publisher’s name cannot be resolved'],
  [
    /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EACCES)$/,
    'connect_failed',
    'the publisher does not accept connections',
  ],
  [/^ETIMEDOUT$/, 'connect_timeout', 'the connection to the publisher timed out'],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_|^ERR_TLS_|^ERR_SSL_|^EPROTO$|^HOSTNAME_MISMATCH$/,
    'tls_failed',
    'a secure connection to the publisher failed',
  ],
  [/^HPE_HEADER_OVERFLOW$/, 'payload_too_large', 'the publisher’s response headers are too large'],
  [/^HPE_/, 'http_server_error', 'the publisher’s answer is not HTTP'],
];

/** Whatever a socket or the HTTP client throws, as a failure with a name. */
export function networkFailure(error: unknown, url: string | URL): FreshetError {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if (at instanceof FreshetError) return at;
  }
  const code = errorCode(error);
  const [, named, message] = CODES.find(([pattern]) => pattern.test(code)) ?? [
    null,
    'connection_lost',
    'the connection was lost',
  ];
  return httpFailure(named as HttpFailureCode, message as string, url, { error: code || 'unknown' }, error);
}

/** The innermost code: happy eyeballs wraps what each address answered. */
function errorCode(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return errorCode(error.errors[0]);
  if (!(error instanceof Error)) return '';
  const own = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (error.cause instanceof Error && (own === '' || own.startsWith('ERR_BAD') || own === 'ERR_NETWORK')) {
    return errorCode(error.cause);
  }
  return own;
}

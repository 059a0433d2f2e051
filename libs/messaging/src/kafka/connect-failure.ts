import { FreshetError } from '@freshet/domain';
import type { KafkaSettings } from './options';

type Known = Pick<KafkaSettings, 'brokers' | 'sasl' | 'tls'>;

interface Reading {
  readonly is: RegExp;
  readonly says: (settings: Known) => { readonly what: string; readonly nextStep: string };
}

/** What kafkajs, Node and brokers say when a connection is refused, most specific first. */
const READINGS: readonly Reading[] = [
  {
    is: /mechanism is not supported|mechanism .* is not enabled|UNSUPPORTED_SASL_MECHANISM|does not support the requested SASL mechanism/i,
    says: ({ sasl }) => ({
      what: `the brokers do not offer the SASL mechanism ${sasl?.mechanism}`,
      nextStep: 'Set FRESHET_KAFKA_SASL_MECHANISM to one that the listener has enabled.',
    }),
  },
  {
    is: /SASLAuthentication|SASL .*authentication failed|invalid credentials|Invalid username or password/i,
    says: ({ sasl }) => ({
      what: `the brokers refuse the user ${sasl?.username} (${sasl?.mechanism})`,
      nextStep: 'Check FRESHET_KAFKA_USERNAME, FRESHET_KAFKA_PASSWORD and FRESHET_KAFKA_SASL_MECHANISM.',
    }),
  },
  {
    is: /SELF_SIGNED|self[- ]signed|UNABLE_TO_(VERIFY|GET_ISSUER)|unable to (verify|get (local )?issuer)|CERT_SIGNATURE_FAILURE|certificate signature failure/i,
    says: ({ tls }) => ({
      what: "the brokers' certificate is signed by an authority that is not trusted here",
      nextStep: tls?.ca
        ? "FRESHET_KAFKA_CA_FILE has to hold the authority that signs the brokers' certificates; it may have been renewed."
        : "Set FRESHET_KAFKA_CA_FILE to the certificate of the authority that signs the brokers' certificates.",
    }),
  },
  {
    is: /CERT_HAS_EXPIRED|certificate has expired/i,
    says: () => ({ what: "the brokers' certificate has expired", nextStep: "Renew the brokers' certificate." }),
  },
  {
    is: /ALTNAME|does not match certificate's altnames/i,
    says: () => ({
      what: "the brokers' certificate is for other names than the ones in FRESHET_KAFKA_BROKERS",
      nextStep: 'Name the brokers as their certificate does, or have it issued for these names.',
    }),
  },
  {
    is: /certificate[ _]required|bad[ _]certificate|unknown[ _]ca|handshake[ _]failure/i,
    says: ({ tls }) => ({
      what: tls?.cert ? "the brokers refuse this client's certificate" : "the brokers ask for a client's certificate",
      nextStep:
        'Set FRESHET_KAFKA_CERT_FILE and FRESHET_KAFKA_KEY_FILE to a certificate that the brokers trust, with its key.',
    }),
  },
  {
    is: /WRONG_VERSION_NUMBER|wrong version number|packet length too long|disconnected before secure TLS/i,
    says: () => ({
      what: 'the brokers do not speak TLS on this port',
      nextStep: 'Use the port of a TLS listener in FRESHET_KAFKA_BROKERS, or set FRESHET_KAFKA_TLS=false.',
    }),
  },
  {
    is: /not authorized|AUTHORIZATION_FAILED/i,
    says: ({ sasl }) => ({
      what: `the brokers do not allow ${sasl ? `the user ${sasl.username}` : 'this client'} to see or create its topics`,
      nextStep:
        'Grant the rights listed in docs/reference/kafka.md, or make the topics and set FRESHET_KAFKA_CREATE_TOPICS=false.',
    }),
  },
];

/** `dependency_unavailable` for whatever keeps this process from Kafka, with what to do about it; never a secret. */
export function connectFailure(error: unknown, settings: Known): FreshetError {
  const text = chainOf(error)
    .map(({ name, message, code }) => `${name} ${code ?? ''} ${message}`)
    .join('\n');
  const reading = READINGS.find(({ is }) => is.test(text))?.says(settings);
  const brokers = settings.brokers.join(', ');
  const said = error instanceof Error ? error.message : String(error);
  return new FreshetError('dependency_unavailable', {
    message: reading
      ? `Kafka at ${brokers}: ${reading.what} (${said})`
      : `Kafka does not answer at ${brokers}: ${said}`,
    nextStep:
      reading?.nextStep ??
      `Check FRESHET_KAFKA_BROKERS, the network policy and the brokers${settings.tls ? '' : '; a listener with TLS needs FRESHET_KAFKA_TLS=true'}.`,
    attributes: { dependency: 'kafka', brokers: settings.brokers.join(',') },
    cause: error,
  });
}

/** kafkajs wraps what went wrong, when it gives up, up to three times. */
function chainOf(error: unknown): Array<Error & { code?: unknown }> {
  const chain: Array<Error & { code?: unknown }> = [];
  for (let current = error; current instanceof Error && chain.length < 8; current = current.cause)
    chain.push(current as Error & { code?: unknown });
  return chain;
}

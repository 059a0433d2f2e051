import { FreshetError } from '@freshet/domain';

/** Classes and codes of SQLSTATE (PostgreSQL manual, appendix A) that speak of the server's state and not of our statement. */
const SERVER_CLASSES = ['08', '53'];
const SERVER_CODES = new Set([
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '57P05', // idle_session_timeout
  '25006', // read_only_sql_transaction: connected to a standby during a failover
  '25P03', // idle_in_transaction_session_timeout
]);
const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
/** What `pg` says without a code when its connection went away. */
const SAID_BY_CLIENT =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Connection ended|Query read timeout)/;

interface Refusal {
  readonly is: RegExp;
  readonly why: string;
  readonly nextStep: string;
}

/** How a connection is refused that would be made if somebody changed a setting; matched on code and message. */
const REFUSALS: readonly Refusal[] = [
  {
    is: /^(SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|CERT_SIGNATURE_FAILURE|CERT_UNTRUSTED)/,
    why: 'its certificate is signed by an authority that is not trusted here',
    nextStep: 'Name the file of that authority in FRESHET_DATABASE_URL: ?sslmode=verify-full&sslrootcert=/path/ca.pem.',
  },
  {
    is: /^ERR_TLS_CERT_ALTNAME_INVALID/,
    why: 'its certificate is for another name than the host in FRESHET_DATABASE_URL',
    nextStep: 'Name the host as its certificate does (a name, not an IP address), or have it issued for this name.',
  },
  {
    is: /^CERT_(HAS_EXPIRED|NOT_YET_VALID)/,
    why: 'its certificate is not valid at this time',
    nextStep: "Renew the server's certificate, or correct the clock of this machine.",
  },
  {
    is: /server does not support SSL/,
    why: 'it does not offer TLS, which sslmode in FRESHET_DATABASE_URL asks for',
    nextStep: 'Switch TLS on at the server (ssl = on), or take sslmode out of FRESHET_DATABASE_URL.',
  },
  {
    is: /^ENOENT .*open |^EACCES .*open |^EISDIR /,
    why: 'a file that FRESHET_DATABASE_URL names cannot be read',
    nextStep: 'Correct sslrootcert, sslcert and sslkey in FRESHET_DATABASE_URL, or the rights on these files.',
  },
  {
    is: /^28000 .*(no encryption|SSL off)/,
    why: 'it takes connections with TLS only',
    nextStep: 'Add ?sslmode=verify-full&sslrootcert=/path/ca.pem to FRESHET_DATABASE_URL.',
  },
  {
    is: /^(28P01|28000) /,
    why: 'it refuses the user or the password',
    nextStep: 'Correct the user and the password in FRESHET_DATABASE_URL.',
  },
  {
    is: /^3D000 /,
    why: 'it has no such database',
    nextStep: 'Create the database, or correct its name in FRESHET_DATABASE_URL.',
  },
];

const refusalOf = (error: unknown): Refusal | undefined => {
  const text = `${codeOf(error) ?? ''} ${messageOf(error)}`;
  return REFUSALS.find(({ is }) => is.test(text));
};

/** A backend that outlives a killed postmaster for a moment says this, under a SQLSTATE (55000) that usually means something else. */
const LOST_WORKER = /^lost connection to parallel worker/;

/** The SQLSTATE or socket code of an error, if it has one. */
export function codeOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : undefined;
}

const messageOf = (error: unknown): string => {
  const message = typeof error === 'object' && error !== null ? (error as { message?: unknown }).message : undefined;
  return typeof message === 'string' ? message : '';
};

/** Whether the database could not be asked, as opposed to having refused. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof FreshetError) return error.code === 'dependency_unavailable';
  if (error instanceof AggregateError && error.errors.some(isUnavailable)) return true;
  if (error instanceof Error && LOST_WORKER.test(error.message)) return true;
  if (refusalOf(error)) return true;
  const code = codeOf(error);
  if (code !== undefined)
    return SOCKET_CODES.has(code) || SERVER_CODES.has(code) || SERVER_CLASSES.includes(code.slice(0, 2));
  return error instanceof Error && SAID_BY_CLIENT.test(error.message);
}

/** `dependency_unavailable` when the database could not be asked; any other error as it is. */
export function toDependencyError(error: unknown): unknown {
  if (error instanceof FreshetError || !isUnavailable(error)) return error;
  const code = codeOf(error);
  const refusal = refusalOf(error);
  if (refusal)
    return new FreshetError('dependency_unavailable', {
      message: `PostgreSQL cannot be used: ${refusal.why} (${messageOf(error)})`,
      nextStep: refusal.nextStep,
      attributes: { dependency: 'postgres', code: code ?? null },
      cause: error,
    });
  return new FreshetError('dependency_unavailable', {
    message: `PostgreSQL does not answer: ${error instanceof Error && error.message ? error.message : (code ?? 'no reason given')}`,
    nextStep: 'Check that PostgreSQL is running and reachable; the work goes on by itself once it is.',
    attributes: { dependency: 'postgres', code: code ?? null },
    cause: error,
  });
}

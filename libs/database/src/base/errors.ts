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

/** A backend that outlives a killed postmaster for a moment says this, under a SQLSTATE (55000) that usually means something else. */
const LOST_WORKER = /^lost connection to parallel worker/;

/** The SQLSTATE or socket code of an error, if it has one. */
export function codeOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** Whether the database could not be asked, as opposed to having refused. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof FreshetError) return error.code === 'dependency_unavailable';
  if (error instanceof AggregateError && error.errors.some(isUnavailable)) return true;
  if (error instanceof Error && LOST_WORKER.test(error.message)) return true;
  const code = codeOf(error);
  if (code !== undefined)
    return SOCKET_CODES.has(code) || SERVER_CODES.has(code) || SERVER_CLASSES.includes(code.slice(0, 2));
  return error instanceof Error && SAID_BY_CLIENT.test(error.message);
}

/** `dependency_unavailable` when the database could not be asked; any other error as it is. */
export function toDependencyError(error: unknown): unknown {
  if (error instanceof FreshetError || !isUnavailable(error)) return error;
  const code = codeOf(error);
  return new FreshetError('dependency_unavailable', {
    message: `PostgreSQL does not answer: ${error instanceof Error && error.message ? error.message : (code ?? 'no reason given')}`,
    nextStep: 'Check that PostgreSQL is running and reachable; the work goes on by itself once it is.',
    attributes: { dependency: 'postgres', code: code ?? null },
    cause: error,
  });
}

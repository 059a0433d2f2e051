import { ApiError, NotFreshetError, UnreachableError } from '@freshet/client';
import { FreshetError } from '@freshet/domain';

/** Exit codes, part of the command's contract. */
export const EXIT = {
  /** Done, or nothing had changed. */
  ok: 0,
  /** What was asked for failed. */
  failed: 1,
  /** The invocation or the configuration is wrong. */
  usage: 2,
  /** No coordinator answers. */
  unreachable: 3,
  /** Ctrl-C, as shells count it: the runs go on. */
  interrupted: 130,
  /** SIGTERM, as shells count it: the pod is being deleted, the runs go on. */
  terminated: 143,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Signals that end following. */
export type Signal = 'SIGINT' | 'SIGTERM';
export const exitOf = (signal: Signal): ExitCode => (signal === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted);

/** A signal ended the waiting; what was waited for goes on. */
export class Detached extends Error {
  constructor(readonly signal: Signal) {
    super(`stopped by ${signal}`);
    this.name = 'Detached';
  }
}

/** A mistake in how the command was called, with what to write instead. */
export class UsageError extends Error {
  constructor(
    message: string,
    readonly nextStep?: string,
    readonly details: readonly string[] = [],
  ) {
    super(message);
    this.name = 'UsageError';
  }
}

/** Nobody to ask: no address is known, or nothing answers there. */
export class NoCoordinatorError extends Error {
  constructor(
    message: string,
    readonly nextStep: string,
  ) {
    super(message);
    this.name = 'NoCoordinatorError';
  }
}

/** The command was understood and could not do its work. */
export class CommandFailed extends Error {
  constructor(
    message: string,
    readonly nextStep?: string,
    readonly details: readonly string[] = [],
  ) {
    super(message);
    this.name = 'CommandFailed';
  }
}

export interface Problem {
  readonly exit: ExitCode;
  readonly error: string;
  readonly nextStep?: string;
  readonly details?: readonly string[];
}

/** Any thrown value as what a person reads and a shell gets. */
export function toProblem(error: unknown): Problem {
  if (error instanceof UsageError)
    return { exit: EXIT.usage, error: error.message, nextStep: error.nextStep, details: error.details };
  if (error instanceof CommandFailed)
    return { exit: EXIT.failed, error: error.message, nextStep: error.nextStep, details: error.details };
  if (error instanceof Detached)
    return {
      exit: exitOf(error.signal),
      error: `${error.message} before the coordinator had answered`,
      nextStep: 'A run that was started goes on; freshet runs lists the newest runs.',
    };
  if (error instanceof NoCoordinatorError)
    return { exit: EXIT.unreachable, error: error.message, nextStep: error.nextStep };
  if (error instanceof UnreachableError || error instanceof NotFreshetError) {
    return {
      exit: EXIT.unreachable,
      error: error.message,
      nextStep: 'Check the address (--url, FRESHET_URL), or start Freshet with `npm start`.',
    };
  }
  if (error instanceof ApiError) return apiProblem(error);
  if (error instanceof FreshetError) {
    const exit = error.code.startsWith('definition_') ? EXIT.usage : EXIT.failed;
    return { exit, error: error.message, nextStep: error.nextStep };
  }
  if (error instanceof Error && error.name === 'ConfigError') return { exit: EXIT.usage, error: error.message };
  return {
    exit: EXIT.failed,
    error: `unexpected error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  };
}

function apiProblem({ status, problem }: ApiError): Problem {
  const text = { error: problem.error, details: problem.details };
  if (status === 401)
    return {
      ...text,
      exit: EXIT.usage,
      nextStep: 'Give a token with --token, FRESHET_TOKEN or FRESHET_TOKEN_FILE.',
    };
  if (status === 403)
    return { ...text, exit: EXIT.usage, nextStep: problem.nextStep ?? 'This needs a token with the role operator.' };
  const mistake = status === 400 || status === 404 || status === 422;
  return { ...text, exit: mistake ? EXIT.usage : EXIT.failed, nextStep: problem.nextStep };
}

import { Metadata, status, type ServiceError, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import type { Logger } from '@freshet/domain';
import { toProblem, type ProblemKind } from '../control/problem';

const CODES: Readonly<Record<ProblemKind, status>> = {
  invalid: status.INVALID_ARGUMENT,
  unauthenticated: status.UNAUTHENTICATED,
  forbidden: status.PERMISSION_DENIED,
  not_found: status.NOT_FOUND,
  not_acceptable: status.INVALID_ARGUMENT,
  conflict: status.FAILED_PRECONDITION,
  unavailable: status.UNAVAILABLE,
  internal: status.INTERNAL,
};

/** A problem as gRPC says it: the message in the status, the next step in trailing metadata. */
export function toServiceError(error: unknown, logger: Logger): ServiceError {
  const problem = toProblem(error);
  if (problem.kind === 'internal')
    logger.error(
      { error: error instanceof Error ? (error.stack ?? error.message) : String(error) },
      'a gRPC call failed',
    );
  const metadata = new Metadata();
  // Metadata values are printable ASCII.
  if (problem.body.nextStep) metadata.set('freshet-next-step', problem.body.nextStep.replace(/[^\x20-\x7e]/g, ' '));
  return Object.assign(new Error(problem.message), { code: CODES[problem.kind], details: problem.message, metadata });
}

export type Unary<Request, Response> = (
  call: ServerUnaryCall<Request, Response>,
  callback: sendUnaryData<Response>,
) => void;

/** A method from a function: `admit` may refuse the caller, everything thrown becomes a status. */
export const unary =
  <Request, Response>(
    logger: Logger,
    admit: (metadata: Metadata) => void,
    work: (request: Request) => Promise<Response>,
  ): Unary<Request, Response> =>
  (call, callback) => {
    Promise.resolve()
      .then(() => admit(call.metadata))
      .then(() => work(call.request))
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback(toServiceError(error, logger)),
      );
  };

/** The `authorization` of a call; gRPC metadata may carry it as bytes. */
export const authorizationOf = (metadata: Metadata): string | undefined => metadata.get('authorization')[0]?.toString();

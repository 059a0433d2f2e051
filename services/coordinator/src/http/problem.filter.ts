import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { ProblemBody } from '@freshet/contracts';
import type { Logger } from '@freshet/domain';
import { LOGGER } from '@freshet/runtime';
import type { Request, Response } from 'express';
import { toProblem, type ProblemKind } from '../control/problem';

const STATUS: Readonly<Record<ProblemKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  unavailable: 503,
  internal: 500,
};

/** Every error of the control API is a `ProblemBody`. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const response = http.getResponse<Response>();
    if (error instanceof HttpException) {
      response.status(error.getStatus()).json({ error: error.message } satisfies ProblemBody);
      return;
    }
    const problem = toProblem(error);
    if (problem.kind === 'internal') {
      const { method, path } = http.getRequest<Request>();
      this.logger.error(
        { method, path, error: error instanceof Error ? (error.stack ?? error.message) : String(error) },
        'a request failed',
      );
    }
    if (problem.kind === 'unauthenticated') response.setHeader('WWW-Authenticate', 'Bearer');
    response.status(STATUS[problem.kind]).json(problem.body);
  }
}

import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
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
  not_acceptable: 406,
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

/**
 * The same for requests that reach no controller: unknown paths, and bodies that cannot be read. For the whole application;
 * what is outside of the API keeps its answers.
 */
@Catch()
export class RequestFilter extends BaseExceptionFilter {
  override catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const { method, path } = http.getRequest<Request>();
    const status = path.startsWith('/api/') ? clientMistake(error) : null;
    if (status === null) return void super.catch(error, host);
    const reason = error instanceof Error ? error.message : '';
    const what: Readonly<Record<number, string>> = {
      400: `the body is not JSON: ${reason}`,
      404: `there is no ${method} ${path}`,
      413: 'the body is too large',
    };
    const body: ProblemBody = { error: what[status] ?? reason, nextStep: '/api/docs describes what can be asked.' };
    http.getResponse<Response>().status(status).json(body);
  }
}

/** The status of what Nest or the body parser threw, when the request is at fault. */
function clientMistake(error: unknown): number | null {
  const status =
    error instanceof HttpException ? error.getStatus() : Number((error as { statusCode?: unknown } | null)?.statusCode);
  return status >= 400 && status < 500 ? status : null;
}

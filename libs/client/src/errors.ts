import type { ProblemBody } from '@freshet/contracts';

/** The coordinator answered, and the answer was an error. */
export class ApiError extends Error {
  constructor(
    /** HTTP status. */
    readonly status: number,
    /** What the coordinator says about it, in the words of the API. */
    readonly problem: ProblemBody,
    /** `GET /api/v1/runs`, without a query. */
    readonly call: string,
  ) {
    super(problem.error);
    this.name = 'ApiError';
  }

  /** True for mistakes of the caller (400, 404, 422), which the same call will meet again. */
  get isMistake(): boolean {
    return this.status === 400 || this.status === 404 || this.status === 422;
  }
}

/** Why no answer came. `refused`: the request certainly did not arrive. `lost`: it may have. */
export type UnreachableReason = 'refused' | 'timeout' | 'lost' | 'unavailable';

/** No coordinator answered at the address: refused, timed out, lost on the way, or a proxy in front of nothing. */
export class UnreachableError extends Error {
  constructor(
    readonly baseUrl: string,
    readonly reason: UnreachableReason,
    detail: string,
    cause?: unknown,
  ) {
    super(`no coordinator answers at ${baseUrl}: ${detail}`, { cause });
    this.name = 'UnreachableError';
  }
}

/** What answered is not the Freshet API. */
export class NotFreshetError extends Error {
  constructor(
    readonly baseUrl: string,
    detail: string,
  ) {
    super(`what answers at ${baseUrl} is not the Freshet API: ${detail}`);
    this.name = 'NotFreshetError';
  }
}

/** Nothing is wrong with the call: the same one works when the coordinator, or the database behind it, is back. */
export type UnavailableError = UnreachableError | ApiError;

export const isUnavailable = (error: unknown): error is UnavailableError =>
  error instanceof UnreachableError || (error instanceof ApiError && error.status === 503);

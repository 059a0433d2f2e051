import type { LoggerService } from '@nestjs/common';
import type { Logger } from '@freshet/domain';

/** Nest's own lines in our format; its start-up chatter is debug. */
export function nestLogger(logger: Logger): LoggerService {
  const fields = (parameters: unknown[]): object => {
    const [last] = parameters.slice(-1);
    return typeof last === 'string' ? { context: last } : {};
  };
  return {
    log: (message: unknown, ...rest: unknown[]) => logger.debug(fields(rest), String(message)),
    debug: (message: unknown, ...rest: unknown[]) => logger.debug(fields(rest), String(message)),
    verbose: (message: unknown, ...rest: unknown[]) => logger.debug(fields(rest), String(message)),
    warn: (message: unknown, ...rest: unknown[]) => logger.warn(fields(rest), String(message)),
    error: (message: unknown, ...rest: unknown[]) =>
      logger.error(
        { ...fields(rest), ...(message instanceof Error ? { stack: message.stack } : {}) },
        message instanceof Error ? message.message : String(message),
      ),
  };
}

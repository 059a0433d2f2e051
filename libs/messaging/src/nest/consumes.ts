import { applyDecorators, Catch, UseFilters, type ExceptionFilter } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { throwError, type Observable } from 'rxjs';

/** Handlers with this transport are ours; those of gRPC or another strategy in the same application are not. */
export const FRESHET_TRANSPORT = Symbol.for('freshet.transport');
/** Where the decorator's arguments stand among a handler's extras. */
export const CONSUMES = 'freshet.consumes';

export interface ConsumesOptions {
  /** Consumers of one group share the work; each group sees every message. */
  readonly group: string;
}

export interface Consumption extends ConsumesOptions {
  readonly topic: string;
}

/**
 * Nest replaces any error that is not an `RpcException` by "Internal server error". The transport judges errors (terminal,
 * transient, waiting for a dependency), so it must see the one that was thrown. A filter on the method comes before any other.
 */
@Catch()
export class PassErrorsThrough implements ExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

/**
 * Makes a controller method the handler of a topic for a group. It takes `(@Payload() message: InboundMessage)`. The message
 * is acknowledged when the method's promise (or observable) completes; see `Messaging` for what its errors do.
 */
export function Consumes(topic: string, options: ConsumesOptions): MethodDecorator {
  const consumption: Consumption = { topic, group: options.group };
  return applyDecorators(
    EventPattern<string>(`${options.group}<${topic}`, FRESHET_TRANSPORT, { [CONSUMES]: consumption }),
    UseFilters(PassErrorsThrough),
  );
}

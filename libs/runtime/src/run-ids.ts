import { RandomIdGenerator, type IdGenerator } from '@opentelemetry/sdk-trace-node';
import { fixedIds } from './spans';

/** Random ids, but for the span of a run: its ids follow from the id of the run. */
export class RunIds implements IdGenerator {
  private readonly random = new RandomIdGenerator();
  readonly generateTraceId = (): string => fixedIds()?.traceId ?? this.random.generateTraceId();
  readonly generateSpanId = (): string => fixedIds()?.spanId ?? this.random.generateSpanId();
}

import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { HEADERS } from '@freshet/contracts';
import { context, propagation, SpanKind, SpanStatusCode, trace, type Attributes } from '@opentelemetry/api';
import type { InboundMessage, OutboundMessage } from '../port';
import { countPublished } from './metrics';

type Headers = Record<string, string>;

/** What a handler's own messages inherit from the message it handles. */
const inherited = new AsyncLocalStorage<Readonly<Headers>>();

const INHERITED = [HEADERS.correlationId, HEADERS.traceparent, HEADERS.tracestate] as const;

const tracer = () => trace.getTracer('@freshet/messaging');

/** Correlation id of the message being handled, for logs and for calls that leave by another way. */
export const currentCorrelationId = (): string | undefined => inherited.getStore()?.[HEADERS.correlationId];

/**
 * Runs `send` inside a producer span with the headers to send. The trace is the one the caller gave in the headers, else the
 * active one, else that of the handled message. Without a tracing SDK the trace context goes on unchanged.
 */
export function withProducerSpan(
  system: string,
  message: OutboundMessage,
  send: (headers: Headers) => Promise<void>,
): Promise<void> {
  const attributes = { ...commonAttributes(system, message), 'messaging.operation.type': 'send' };
  const given = message.headers ?? {};
  const parent = given[HEADERS.traceparent] ? propagation.extract(context.active(), given) : context.active();
  return context.with(parent, () =>
    inSpan(`send ${message.topic}`, SpanKind.PRODUCER, attributes, async () => {
      const active: Headers = {};
      propagation.inject(context.active(), active);
      const headers: Headers = { ...inherited.getStore(), ...given, ...active };
      headers[HEADERS.correlationId] ??= randomUUID();
      await send(headers);
      countPublished(message.topic, message.value.length);
    }),
  );
}

/** Runs `handle` inside a consumer span that continues the trace of the message. */
export function withConsumerSpan(
  system: string,
  group: string,
  message: InboundMessage,
  handle: () => Promise<void>,
): Promise<void> {
  const attributes = {
    ...commonAttributes(system, message),
    'messaging.operation.type': 'process',
    'messaging.consumer.group.name': group,
    'messaging.destination.partition.id': String(message.partition),
    'messaging.kafka.offset': message.offset,
  };
  const parent = propagation.extract(context.active(), message.headers);
  return context.with(parent, () =>
    inherited.run(pick(message.headers), () =>
      inSpan(`process ${message.topic}`, SpanKind.CONSUMER, attributes, handle),
    ),
  );
}

function inSpan(name: string, kind: SpanKind, attributes: Attributes, work: () => Promise<void>): Promise<void> {
  return tracer().startActiveSpan(name, { kind, attributes }, async (span) => {
    try {
      await work();
    } catch (error) {
      span.recordException(error instanceof Error ? error : String(error));
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}

const commonAttributes = (system: string, message: { topic: string; value: Buffer }): Attributes => ({
  'messaging.system': system,
  'messaging.destination.name': message.topic,
  'messaging.message.body.size': message.value.length,
});

const pick = (headers: Readonly<Headers>): Headers =>
  Object.fromEntries(INHERITED.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])));

import { HEADERS, traceparentOf } from '@freshet/contracts';
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { InProcessMessaging } from '../in-process/in-process-messaging';
import { collector } from '../testing/collect';
import { currentCorrelationId } from './message-context';

describe('tracing through messages', () => {
  const exporter = new InMemorySpanExporter();

  beforeAll(() => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  });
  afterAll(() => {
    trace.disable();
    propagation.disable();
    context.disable();
  });

  it('makes one trace of a message, its handler, and the messages that the handler publishes', async () => {
    const messaging = new InProcessMessaging();
    await messaging.start();
    const last = collector();
    const correlations: Array<string | undefined> = [];
    await messaging.subscribe({ topic: 'second', group: 'last', maxInFlight: 1 }, last.handler);
    await messaging.subscribe(
      { topic: 'first', group: 'middle', maxInFlight: 1, retryDelayMs: { initial: 1, max: 1 } },
      async (message) => {
        correlations.push(currentCorrelationId());
        if (message.delivery === 1) throw new Error('once');
        await messaging.publish({ topic: 'second', key: null, value: message.value });
      },
    );
    await messaging.publish({
      topic: 'first',
      key: null,
      value: Buffer.from('x'),
      headers: { [HEADERS.correlationId]: 'abc' },
    });
    await last.received(1);
    await messaging.stop();

    const spans = exporter.getFinishedSpans();
    expect(spans.map(({ name, kind }) => [name, kind])).toEqual([
      ['send first', SpanKind.PRODUCER],
      ['process first', SpanKind.CONSUMER],
      ['send second', SpanKind.PRODUCER],
      ['process first', SpanKind.CONSUMER],
      ['process second', SpanKind.CONSUMER],
    ]);
    expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1);
    expect(spans[1]?.status.code).toBe(SpanStatusCode.ERROR);
    expect(spans[4]?.parentSpanContext?.spanId).toBe(spans[2]?.spanContext().spanId);
    expect(last.messages[0]?.headers[HEADERS.traceparent]).toContain(spans[2]?.spanContext().spanId);
    expect(correlations).toEqual(['abc', 'abc']);
  });

  it('goes on with a trace that the sender names, such as that of a run', async () => {
    exporter.reset();
    const messaging = new InProcessMessaging();
    await messaging.start();
    const seen = collector();
    await messaging.subscribe({ topic: 'run', group: 'g', maxInFlight: 1 }, seen.handler);
    const runId = '7bca1f12-7d1f-4d5e-8b3a-0123456789ab';
    const headers = { [HEADERS.traceparent]: traceparentOf(runId) };
    for (const value of ['fetch', 'publish'])
      await messaging.publish({ topic: 'run', key: runId, value: Buffer.from(value), headers });
    await seen.received(2);
    await messaging.stop();

    const traceIds = exporter.getFinishedSpans().map((span) => span.spanContext().traceId);
    expect(traceIds).toEqual(Array(4).fill('7bca1f127d1f4d5e8b3a0123456789ab'));
    expect(seen.messages[0]?.headers[HEADERS.traceparent]).toMatch(/^00-7bca1f127d1f4d5e8b3a0123456789ab-/);
    expect(seen.messages[0]?.headers[HEADERS.traceparent]).not.toBe(headers[HEADERS.traceparent]);
  });
});

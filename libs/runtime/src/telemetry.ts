import { metrics, propagation } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, NodeTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-node';

export interface Telemetry {
  /** All metrics in the Prometheus text format. */
  metricsText(): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts tracing and metrics for a process. Trace context always travels (W3C); spans are exported only when an OTLP
 * endpoint is configured; metrics are read from `/metrics`.
 */
export async function startTelemetry(options: {
  service: string;
  instance: string;
  otlpEndpoint?: string;
}): Promise<Telemetry> {
  const resource = resourceFromAttributes({
    'service.name': options.service,
    'service.instance.id': options.instance,
    'service.namespace': 'freshet',
  });
  const spanProcessors = options.otlpEndpoint ? [await otlpProcessor(options.otlpEndpoint)] : [];
  const tracing = new NodeTracerProvider({ resource, spanProcessors });
  tracing.register({ propagator: new W3CTraceContextPropagator() });

  const reader = new PrometheusExporter({ preventServerStart: true });
  const meters = new MeterProvider({ resource, readers: [reader] });
  metrics.setGlobalMeterProvider(meters);
  const serializer = new PrometheusSerializer();

  return {
    async metricsText() {
      const { resourceMetrics } = await reader.collect();
      return serializer.serialize(resourceMetrics);
    },
    async stop() {
      await Promise.allSettled([tracing.shutdown(), meters.shutdown()]);
      metrics.disable();
      propagation.disable();
    },
  };
}

/** Loaded only where it is used: the exporter takes more than ten megabytes. */
async function otlpProcessor(endpoint: string): Promise<SpanProcessor> {
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  return new BatchSpanProcessor(new OTLPTraceExporter({ url: new URL('/v1/traces', endpoint).toString() }));
}

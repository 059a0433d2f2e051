import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { Logger } from '@freshet/domain';
import type * as OtlpExport from './otlp-export';
import { observeProcess } from './process-metrics';

export interface Telemetry {
  /** All metrics in the Prometheus text format. */
  metricsText(): Promise<string>;
  /** Sends what is left, within a bound, and ends. */
  stop(): Promise<void>;
}

export interface TelemetryOptions {
  readonly service: string;
  readonly instance: string;
  /** Base address of an OTLP receiver (HTTP, protobuf). Without it nothing is exported, and no exporter is loaded. */
  readonly otlpEndpoint?: string;
  readonly metricIntervalMs?: number;
  readonly logger?: Logger;
}

/** What is not sent by then is lost: a receiver that does not answer must not keep a process from ending. */
const FLUSH_MS = 3_000;

/**
 * Starts tracing and metrics of a process. Trace context always travels (W3C); metrics are always read from `/metrics`; spans are made,
 * and both are exported, only with an endpoint. A receiver that is slow, away or broken costs spans and nothing else: they wait in
 * bounded queues and are dropped when those are full.
 */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const resource = resourceFromAttributes({
    'service.name': options.service,
    'service.instance.id': options.instance,
    'service.namespace': 'freshet',
  });
  const otlp = options.otlpEndpoint
    ? exporting().startExport({ ...options, endpoint: options.otlpEndpoint, resource })
    : null;
  const reader = new PrometheusExporter({ preventServerStart: true });
  const meters = new MeterProvider({ resource, readers: [reader, ...(otlp ? [otlp.metricReader] : [])] });
  metrics.setGlobalMeterProvider(meters);
  const forget = observeProcess(options.service);
  const serializer = new PrometheusSerializer();

  return {
    async metricsText() {
      const { resourceMetrics } = await reader.collect();
      return serializer.serialize(resourceMetrics);
    },
    async stop() {
      await within(FLUSH_MS, Promise.allSettled([otlp?.stop(), meters.shutdown()]));
      forget();
      for (const api of [trace, metrics, propagation, context]) api.disable();
    },
  };
}

/** Loaded only where it is used: exporters take time to load, and ten megabytes. */
// eslint-disable-next-line @typescript-eslint/no-require-imports -- a relative import() needs an extension that Jest does not know
const exporting = (): typeof OtlpExport => require('./otlp-export') as typeof OtlpExport;

function within(ms: number, work: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, ms)));
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

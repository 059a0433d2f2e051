import { diag, trace } from '@opentelemetry/api';
import { setGlobalErrorHandler } from '@opentelemetry/core';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { Resource } from '@opentelemetry/resources';
import { PeriodicExportingMetricReader, type MetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { silentLogger, type Logger } from '@freshet/domain';
import { RunIds } from './run-ids';

export interface OtlpExport {
  readonly metricReader: MetricReader;
  stop(): Promise<void>;
}

const EXPORT_TIMEOUT_MS = 5_000;
const METRIC_INTERVAL_MS = 60_000;
const COMPLAINT_EVERY_MS = 60_000;

/**
 * Spans and metrics to an OTLP receiver, HTTP with protobuf. In a module of its own: exporters are loaded only where they are used.
 * Headers (`OTEL_EXPORTER_OTLP_HEADERS`), compression and certificates are read by the exporters themselves, from their usual variables.
 */
export function startExport(options: {
  readonly endpoint: string;
  readonly resource: Resource;
  readonly metricIntervalMs?: number;
  readonly logger?: Logger;
}): OtlpExport {
  const { endpoint, resource, metricIntervalMs = METRIC_INTERVAL_MS, logger = silentLogger } = options;
  setGlobalErrorHandler(complaints(logger, endpoint));
  const spans = new OTLPTraceExporter({ url: signalUrl(endpoint, 'traces'), timeoutMillis: EXPORT_TIMEOUT_MS });
  const tracing = new NodeTracerProvider({
    resource,
    idGenerator: new RunIds(),
    spanProcessors: [new BatchSpanProcessor(spans, { maxQueueSize: 4_096, exportTimeoutMillis: EXPORT_TIMEOUT_MS })],
  });
  trace.setGlobalTracerProvider(tracing);
  const metricReader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter({ url: signalUrl(endpoint, 'metrics'), timeoutMillis: EXPORT_TIMEOUT_MS }),
    exportIntervalMillis: metricIntervalMs,
    exportTimeoutMillis: Math.min(EXPORT_TIMEOUT_MS, metricIntervalMs),
  });
  return { metricReader, stop: () => tracing.shutdown() };
}

/** The specification's rule: the path of a signal is appended to whatever path the endpoint has. */
export function signalUrl(endpoint: string, signal: 'traces' | 'metrics'): string {
  const url = new URL(endpoint);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/${signal}`;
  return url.toString();
}

/** At most one line a minute, however often the receiver fails; never a header or a query, which may be secrets. */
function complaints(logger: Logger, endpoint: string): (error: unknown) => void {
  const { origin } = new URL(endpoint);
  let last = -Infinity;
  let kept = 0;
  return (error) => {
    kept += 1;
    diag.debug('export failed', error);
    if (performance.now() - last < COMPLAINT_EVERY_MS) return;
    last = performance.now();
    const reason = error instanceof Error ? error.message : String(error);
    logger.warn(
      { endpoint: origin, reason: reason.slice(0, 300), failures: kept },
      'telemetry could not be exported; the work goes on',
    );
    kept = 0;
  };
}

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { metrics, type BatchObservableResult } from '@opentelemetry/api';

const RESOLUTION_MS = 20;

/** Memory, processor and event loop of the process, under the names that Prometheus clients use; read only when metrics are. */
export function observeProcess(service: string): () => void {
  const meter = metrics.getMeter('@freshet/runtime');
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const gauge = (name: string, description: string) => meter.createObservableGauge(name, { description });
  const rss = gauge('process_resident_memory_bytes', 'Resident memory');
  const heap = gauge('process_heap_bytes', 'Used heap of V8');
  const started = gauge('process_start_time_seconds', 'Start of the process, in seconds since 1970');
  const lag = gauge(
    'freshet_process_event_loop_delay_seconds',
    'Longest delay of the event loop since the last reading',
  );
  const info = gauge('freshet_service_info', 'Always 1: which service this is');
  const cpu = meter.createObservableCounter('process_cpu_seconds', { description: 'Processor time' });
  const startedAt = Date.now() / 1000 - process.uptime();
  const instruments = [rss, heap, started, lag, info, cpu];

  const observe = (result: BatchObservableResult): void => {
    const { rss: resident, heapUsed } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    result.observe(rss, resident);
    result.observe(heap, heapUsed);
    result.observe(started, startedAt);
    result.observe(lag, Math.max(0, delay.max / 1e9 - RESOLUTION_MS / 1000));
    result.observe(info, 1, { service, node: process.version });
    result.observe(cpu, (user + system) / 1e6);
    delay.reset();
  };
  meter.addBatchObservableCallback(observe, instruments);
  return () => {
    meter.removeBatchObservableCallback(observe, instruments);
    delay.disable();
  };
}

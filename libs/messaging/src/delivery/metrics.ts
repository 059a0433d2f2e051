import { metrics, type ObservableResult } from '@opentelemetry/api';

interface Of {
  readonly topic: string;
  readonly group: string;
}

const meter = () => metrics.getMeter('@freshet/messaging');

/** One try at a message: `handled`, `retry`, `wait` (for a dependency) or `dead-letter`. */
export function countDelivery({ topic, group }: Of, outcome: string, seconds: number): void {
  meter()
    .createCounter('freshet_messaging_deliveries', { description: 'Tries to handle a message, by outcome' })
    .add(1, { topic, group, outcome });
  meter()
    .createHistogram('freshet_messaging_handle_seconds', {
      description: 'Time that a handler took',
      unit: 's',
      advice: { explicitBucketBoundaries: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300] },
    })
    .record(seconds, { topic, group });
}

export function countPublished(topic: string, bytes: number): void {
  meter().createCounter('freshet_messaging_published', { description: 'Messages published' }).add(1, { topic });
  meter()
    .createCounter('freshet_messaging_published_bytes', { description: 'Bytes of published messages' })
    .add(bytes, { topic });
}

/** Messages of the partitions of this process that are not handled; the sum over all processes is the lag of the group. */
export function observeLag({ topic, group }: Of, lag: () => number | null): () => void {
  const gauge = meter().createObservableGauge('freshet_messaging_lag', {
    description: 'Messages in the partitions of this process that are not handled yet',
  });
  const observe = (result: ObservableResult): void => {
    const value = lag();
    if (value !== null) result.observe(value, { topic, group });
  };
  gauge.addCallback(observe);
  return () => gauge.removeCallback(observe);
}

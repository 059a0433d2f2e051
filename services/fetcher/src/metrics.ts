import { metrics } from '@opentelemetry/api';
import type { FailureCode } from '@freshet/domain';

const meter = () => metrics.getMeter('@freshet/fetcher');

/** One request of an API that was answered, from when it was sent to the end of its answer. */
export function recordRequest(source: string, status: number, seconds: number, bytes: number): void {
  const labels = { source, status: `${Math.floor(status / 100)}xx` };
  meter()
    .createHistogram('freshet_fetcher_request_seconds', {
      description: 'Time from sending a request to the end of its answer',
      unit: 's',
      advice: { explicitBucketBoundaries: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120] },
    })
    .record(seconds, labels);
  meter().createCounter('freshet_fetcher_request_bytes', { description: 'Bytes of answers' }).add(bytes, labels);
}

/** A request that failed, also where it was repeated and then succeeded. */
export function countRequestError(source: string, code: FailureCode): void {
  meter()
    .createCounter('freshet_fetcher_request_errors', { description: 'Requests that failed, by failure' })
    .add(1, { source, code });
}

/** One attempt at a task, from the claim to its end. Downloads of archives take minutes, so the buckets go up to an hour. */
export function countDownload(dataset: string, ending: string, seconds: number, bytes: number): void {
  meter()
    .createHistogram('freshet_fetcher_task_seconds', {
      description: 'Time from the claim of a task to the end of the attempt',
      unit: 's',
      advice: { explicitBucketBoundaries: [0.5, 1, 5, 15, 60, 300, 900, 1_800, 3_600] },
    })
    .record(seconds, { dataset, ending });
  meter()
    .createCounter('freshet_fetcher_received_bytes', { description: 'Bytes received from publishers', unit: 'By' })
    .add(bytes, { dataset });
}

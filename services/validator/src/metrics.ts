import { metrics } from '@opentelemetry/api';
import type { BatchValidated } from '@freshet/contracts';

const meter = () => metrics.getMeter('@freshet/validator');

/** Accepted and refused rows of one batch; which rule refused a row is in the quarantine. */
export function countBatch({ dataset, resource, rows, refused }: BatchValidated): void {
  meter().createCounter('freshet_validator_batches', { description: 'Batches checked' }).add(1, { dataset, resource });
  const counter = meter().createCounter('freshet_validator_rows', { description: 'Rows by outcome' });
  counter.add(rows, { dataset, resource, outcome: 'accepted' });
  counter.add(refused.length, { dataset, resource, outcome: 'refused' });
}

/** Gates decide whether data that balances is also fit to be published. They look at counts only. */
import type { DatasetDefinition } from './definition';
import type { Failure } from './failure';
import { FreshetError } from './failure';
import type { LedgerTotals } from './ledger';
import type { ResourceManifest } from './manifest';

export interface GateInput {
  readonly definition: Pick<DatasetDefinition, 'gates'> & {
    readonly resources: ReadonlyArray<{ readonly name: string; readonly required: boolean }>;
  };
  readonly manifest: readonly ResourceManifest[];
  readonly totals: readonly LedgerTotals[];
  /** Rows of each resource in the newest published generation; empty when nothing was published yet. */
  readonly published: Readonly<Record<string, number>>;
}

/** The first gate that does not hold, or null. Run on balanced totals only. */
export function checkGates(input: GateInput): Failure | null {
  return missingResource(input) ?? refusedShare(input) ?? rowDrift(input);
}

function missingResource({ definition, manifest }: GateInput): Failure | null {
  const cut = new Map(manifest.map((entry) => [entry.resource, entry]));
  for (const { name } of definition.resources.filter((resource) => resource.required)) {
    const entry = cut.get(name);
    if (!entry) {
      return failure(
        'resource_missing',
        `required resource ${name} was not in what the publisher sent`,
        'Compare the members of the archive with the definition; what is published stays.',
        { resource: name },
      );
    }
    if (entry.records === 0) {
      return failure(
        'resource_empty',
        `required resource ${name} holds no records`,
        'An empty answer is not taken for success: look at the publisher, then refresh again; what is published stays.',
        { resource: name },
      );
    }
  }
  return null;
}

function refusedShare({ definition, totals }: GateInput): Failure | null {
  const limit = definition.gates.maxRefusedShare;
  for (const { resource, records, refused } of totals) {
    const share = records === 0 ? 0 : refused / records;
    if (share > limit) {
      return failure(
        'gate_refused_share',
        `${resource}: ${refused} of ${records} records were refused (${percent(share)}, the gate allows ${percent(limit)})`,
        'Look at the quarantine of the dataset for the reasons; correct the definition, or raise gates.maxRefusedShare, and refresh again.',
        { resource, refused, records, limit },
      );
    }
  }
  return null;
}

function rowDrift({ definition, totals, published }: GateInput): Failure | null {
  const limit = definition.gates.maxRowDrift;
  if (limit === null) return null;
  const rows = new Map(totals.map((entry) => [entry.resource, entry.rows]));
  for (const [resource, before] of Object.entries(published)) {
    if (before === 0) continue;
    const after = rows.get(resource) ?? 0;
    const drift = Math.abs(after - before) / before;
    if (drift > limit) {
      return failure(
        'gate_row_drift',
        `${resource}: ${before} rows are published, ${after} arrived (${percent(drift)} of change, the gate allows ${percent(limit)})`,
        'If the change is right, raise gates.maxRowDrift (or set it to null) and refresh again; what is published stays.',
        { resource, before, after, limit },
      );
    }
  }
  return null;
}

const percent = (share: number): string => `${(share * 100).toFixed(share < 0.01 ? 2 : 1)} %`;

const failure = (
  code: 'resource_missing' | 'resource_empty' | 'gate_refused_share' | 'gate_row_drift',
  message: string,
  nextStep: string,
  attributes: Record<string, string | number>,
): Failure => new FreshetError(code, { message, nextStep, attributes }).toFailure();

import type { DatasetDefinition, PagedJson } from '@freshet/domain';
import { at, countAt, warningsAt } from '../paged/envelope';
import type { Answer } from './ask-paged';
import type { JsonKind, SampleFinding, StyleFinding } from './report';

export interface Sample {
  readonly found: SampleFinding;
  /** Null where there is no list. */
  readonly records: readonly unknown[] | null;
}

/** What the answer to a question for one record tells about all answers. */
export function sampleFinding(
  definition: DatasetDefinition,
  paging: PagedJson,
  body: unknown,
  from: Date | null,
): Sample {
  const list = at(body, paging.records);
  const records = Array.isArray(list) ? (list as unknown[]) : null;
  const [resource] = definition.resources;
  const first = records?.[0];
  const keys = typeof first === 'object' && first !== null ? Object.keys(first) : [];
  const own = resource?.format.reader === 'json' ? resource.format.record : null;
  const declared = (resource?.columns ?? []).map(({ name }) => name).filter((name) => name !== own);
  return {
    records,
    found: {
      value: paging.select.values[0] ?? '',
      from: from?.toISOString() ?? null,
      total: countAt(body, paging.total),
      totalAs: kindOf(at(body, paging.total)),
      valueAs: definition.timeseries && first !== undefined ? kindOf(at(first, [definition.timeseries.value])) : null,
      missing: first === undefined ? [] : declared.filter((name) => !keys.includes(name)),
      unknown: keys.filter((name) => !declared.includes(name)),
      warnings: paging.warnings.flatMap((path) =>
        warningsAt(body, [path]).map((said) => ({ at: path.join('.'), said })),
      ),
    },
  };
}

/** Whether a style brings the one record that was asked for; `expected` is what the definition's own style brought. */
export function styleFinding(
  style: PagedJson['style'],
  paging: PagedJson,
  { body, failure }: Answer,
  expected: Sample,
): StyleFinding {
  if (failure) return { style, verdict: 'refused', detail: failure.message };
  const records = at(body, paging.records);
  const count = Array.isArray(records) ? records.length : 0;
  const total = countAt(body, paging.total);
  if (count > 1) return { style, verdict: 'ignored', detail: `one record was asked for, ${count} came` };
  if (total !== expected.found.total || JSON.stringify(records) !== JSON.stringify(expected.records))
    return { style, verdict: 'ignored', detail: `another answer: ${total ?? 'no'} records in all` };
  return { style, verdict: 'works', detail: 'the record that was asked for' };
}

function kindOf(value: unknown): JsonKind {
  if (value === undefined) return 'absent';
  if (value === null) return 'null';
  return typeof value === 'number' ? 'number' : typeof value === 'string' ? 'text' : 'other';
}

import { resourceOf } from '@freshet/catalog';
import {
  columnRenderer,
  publishedRow,
  readVerbatim,
  recordLine,
  splitLine,
  type BatchParsed,
  type BatchValidated,
  type RefusedRecord,
} from '@freshet/contracts';
import { createColumnSummarizer, type DatasetDefinition } from '@freshet/domain';
import { CopyBody } from './batch/copy-body';
import { rulesFor, type ColumnRule } from './batch/row-rules';

export interface ValidatedBatch {
  readonly meta: BatchValidated;
  /** Parts of the body that came; all of it, untouched, when nothing was refused. */
  readonly body: readonly Buffer[];
}

/** Checks the rows of a batch. Pure: the same batch and definition give the same result, byte for byte. */
export function validateBatch(definition: DatasetDefinition, batch: BatchParsed, bytes: Buffer): ValidatedBatch {
  const resource = resourceOf(definition, batch.resource);
  const rules = rulesFor(resource, batch.columns);
  if (rules.length === 0) return { meta: { ...batch, type: 'batch.validated' }, body: [bytes] };

  const publishedOf = createPublished(batch, resource.dateFormats);
  const kept: Buffer[] = [];
  const refused: RefusedRecord[] = [];
  const notes = new Map(Object.entries(batch.notes));
  const body = new CopyBody(bytes);
  let keptFrom = 0;
  let rows = 0;
  while (body.next()) {
    rows += 1;
    const refusal = judge(body, rules, notes);
    if (!refusal) continue;
    refused.push({
      row: body.row(),
      ...refusal,
      record: recordLine(resource.format, batch.columns, publishedOf(body.line())),
    });
    if (body.start > keptFrom) kept.push(bytes.subarray(keptFrom, body.start));
    keptFrom = body.end;
  }
  if (keptFrom < bytes.length) kept.push(bytes.subarray(keptFrom));
  return {
    body: kept,
    meta: {
      ...batch,
      type: 'batch.validated',
      rows: rows - refused.length,
      refused: [...batch.refused, ...refused].sort((a, b) => a.row - b.row),
      notes: Object.fromEntries(notes),
      summary: refused.length > 0 && batch.summary ? summarize(batch, kept, publishedOf) : batch.summary,
    },
  };
}

type Refusal = Pick<RefusedRecord, 'reason' | 'column' | 'detail'>;

/** The first rule that refuses the row, or null; failures that are only noted are counted. */
function judge(body: CopyBody, rules: readonly ColumnRule[], notes: Map<string, number>): Refusal | null {
  let noted: string[] | null = null;
  for (const { index, published, required, checks } of rules) {
    if (body.isNull(index)) {
      if (required)
        return { reason: 'required_missing', column: published, detail: `${published} is required and has no value` };
      continue;
    }
    if (checks.length === 0) continue;
    const value = body.text(index);
    for (const { kind, severity, check } of checks) {
      const expected = check.test(value);
      if (expected === null) continue;
      if (severity === 'refuse')
        return { reason: 'check_failed', column: published, detail: `${kind}: expected ${expected}` };
      (noted ??= []).push(`check_${kind}:${published}`);
    }
  }
  for (const note of noted ?? []) notes.set(note, (notes.get(note) ?? 0) + 1);
  return null;
}

/** Published texts of a line of the body. */
function createPublished(batch: BatchParsed, dateFormats: readonly string[]): (line: string) => string[] {
  const renderers = batch.columns.map(({ type }) => columnRenderer(type, dateFormats));
  return (line) => {
    const [, , verbatim = null, ...stored] = splitLine(line);
    return publishedRow(batch.columns, renderers, stored, readVerbatim(verbatim));
  };
}

/** Summaries speak of the rows that are stored: those of refused ones are left out by gathering them again. */
function summarize(batch: BatchParsed, kept: readonly Buffer[], publishedOf: (line: string) => string[]): unknown {
  const summarizer = createColumnSummarizer(batch.columns.length);
  for (const part of kept) {
    const body = new CopyBody(part);
    while (body.next()) for (const [column, text] of publishedOf(body.line()).entries()) summarizer.add(column, text);
  }
  return { columns: summarizer.finish() };
}

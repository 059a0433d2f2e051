import type { RefusedRecord } from '@freshet/contracts';
import {
  createColumnSummarizer,
  FreshetError,
  type ColumnSummarizer,
  type ColumnSummary,
  type ResourceDefinition,
} from '@freshet/domain';
import type { Plan, PlannedColumn, WatchedColumn } from '../plan/plan';
import { createConverter, EXACT, INEXACT, type Converted, type Converter } from '../values/converter';
import { CopyWriter } from './copy-writer';

export interface BatchContent {
  readonly body: Buffer;
  readonly records: number;
  readonly rows: number;
  readonly refused: readonly RefusedRecord[];
  readonly notes: Readonly<Record<string, number>>;
  /** One a column, in the order of the plan; null where nobody needs them. */
  readonly summaries: readonly ColumnSummary[] | null;
}

export interface BatchInput {
  readonly resource: ResourceDefinition;
  readonly plan: Plan;
  readonly chunk: number;
  /** The chunk, decoded. */
  readonly text: string;
  readonly summarize: boolean;
  /** For a chunk that holds bytes of no character: makes text of one value, or null where that fails. */
  readonly decodeValue: ((raw: string) => string | null) | null;
  /** A record as people may see it. */
  readonly showRecord: (raw: string) => string;
}

const DETAIL_LENGTH = 80;

type Refusal = Pick<RefusedRecord, 'reason' | 'column' | 'detail'>;
const refusal = (reason: Refusal['reason'], column: string | null, detail: string): Refusal => ({
  reason,
  column,
  detail,
});

/**
 * Turns the records of one chunk into a batch. Called once for each record, in order; every record becomes a row or a
 * refused record, never both and never neither.
 */
export class BatchBuilder {
  private readonly writer: CopyWriter;
  /** Null where a value is stored as it is, which is most of them. */
  private readonly converters: ReadonlyArray<Converter | null>;
  private readonly emptyIsNull: boolean;
  private readonly summarizer: ColumnSummarizer | null;
  private readonly cell: Converted = { value: null, outcome: EXACT };
  /** Published texts of the row at hand, by column: what summaries are made of. */
  private readonly texts: string[];
  private readonly refused: RefusedRecord[] = [];
  private readonly notes = new Map<string, number>();
  private records = 0;
  private rows = 0;

  constructor(readonly input: BatchInput) {
    const { plan, resource } = input;
    this.writer = new CopyWriter(Math.ceil(input.text.length * 1.2));
    const { nulls, dateFormats } = resource;
    this.emptyIsNull = nulls.empty;
    this.converters = plan.columns.map(({ stored }) => createConverter(stored.type, nulls, dateFormats));
    this.summarizer = input.summarize ? createColumnSummarizer(plan.columns.length) : null;
    this.texts = plan.columns.map(() => '');
  }

  /** @throws FreshetError `type_mismatch` where the contract freezes the types. */
  readonly add = (values: readonly string[], start: number, end: number): void => {
    const row = this.records++;
    const refusal = this.accept(row, values);
    if (refusal)
      this.refused.push({ row, ...refusal, record: this.input.showRecord(this.input.text.slice(start, end)) });
    else this.rows += 1;
  };

  finish(): BatchContent {
    return {
      body: this.writer.finish(),
      records: this.records,
      rows: this.rows,
      refused: this.refused,
      notes: Object.fromEntries(this.notes),
      summaries: this.summarizer?.finish() ?? null,
    };
  }

  private accept(row: number, published: readonly string[]): Refusal | null {
    const { plan, decodeValue, resource } = this.input;
    if (published.length !== plan.width) {
      return refusal('record_ragged', null, `${published.length} values where the header has ${plan.width}`);
    }
    let values = published;
    if (decodeValue) {
      const texts = published.map(decodeValue);
      const bad = texts.indexOf(null);
      if (bad !== -1) return refusal('undecodable', this.nameOf(bad), `its bytes are not ${resource.format.encoding}`);
      values = texts as string[];
    }
    if (plan.refuseEveryRow !== null) {
      return refusal('required_missing', plan.refuseEveryRow, `the header has no column ${plan.refuseEveryRow}`);
    }
    const dropped = plan.watched.length === 0 ? plan.watched : this.valuesNotStored(values);
    for (const { policy, published: name } of dropped) {
      if (policy === 'discard_row')
        return refusal('unknown_column', name, 'a value in a column the definition does not name');
    }
    const bad = this.writeRow(row, values);
    if (bad) return refusal('type_mismatch', bad.stored.published, mistypedDetail(bad, values[bad.source] ?? ''));
    for (const { published: name } of dropped) this.note(`value_dropped:${name}`);
    for (const note of plan.rowNotes) this.note(note);
    this.summarize();
    return null;
  }

  private valuesNotStored(values: readonly string[]): readonly WatchedColumn[] {
    const { empty, words } = this.input.resource.nulls;
    return this.input.plan.watched.filter(({ source }) => {
      const text = values[source] ?? '';
      return !(empty && text === '') && !words.includes(text);
    });
  }

  private summarize(): void {
    const { summarizer, texts } = this;
    if (!summarizer) return;
    for (let index = 0; index < texts.length; index++) summarizer.add(index, texts[index] as string);
  }

  /** Writes the row, or gives the column for which it must be refused. */
  private writeRow(row: number, values: readonly string[]): PlannedColumn | null {
    const { columns, mistyped } = this.input.plan;
    const { cell, converters, emptyIsNull, texts, writer } = this;
    writer.begin(this.input.chunk, row);
    let verbatim: Record<string, string> | null = null;
    let notes: string[] | null = null;
    for (let index = 0; index < columns.length; index++) {
      const column = columns[index] as PlannedColumn;
      if (column.source < 0) {
        writer.value(null);
        continue;
      }
      const text = values[column.source] as string;
      texts[index] = text;
      if (text.length === 0 && emptyIsNull) {
        writer.value(null);
        continue;
      }
      const convert = converters[index];
      if (!convert) {
        writer.value(text);
        continue;
      }
      convert(text, cell);
      if (cell.outcome !== EXACT) {
        let keep = cell.outcome === INEXACT;
        if (!keep) {
          if (mistyped === 'discard_row') {
            writer.takeBack();
            return column;
          }
          if (mistyped === 'freeze') throw this.frozen(column, text, row);
          cell.value = null;
          keep = mistyped === 'evolve';
          if (!keep) texts[index] = '';
          (notes ??= []).push(`${keep ? 'type_mismatch' : 'value_dropped'}:${column.stored.published}`);
        }
        if (keep) (verbatim ??= Object.create(null) as Record<string, string>)[column.stored.name] = text;
      }
      writer.value(cell.value);
    }
    writer.end(verbatim === null ? null : JSON.stringify(verbatim));
    for (const note of notes ?? []) this.note(note);
    return null;
  }

  private note(key: string): void {
    this.notes.set(key, (this.notes.get(key) ?? 0) + 1);
  }

  private nameOf(source: number): string | null {
    return this.input.plan.columns.find((column) => column.source === source)?.stored.published ?? null;
  }

  private frozen(column: PlannedColumn, text: string, row: number): FreshetError {
    const { resource, chunk } = this.input;
    return new FreshetError('type_mismatch', {
      message: `${resource.member}, ${column.stored.published}: ${mistypedDetail(column, text)}`,
      nextStep: `Correct the type of the column, or set the contract valueType of ${resource.name} to evolve, discard_row or discard_value.`,
      attributes: { resource: resource.name, column: column.stored.published, chunk, row },
    });
  }
}

/** The value itself is shown, shortened, unless it is of a person. */
function mistypedDetail({ stored, personal }: PlannedColumn, text: string): string {
  const short = text.length > DETAIL_LENGTH ? `${text.slice(0, DETAIL_LENGTH)}…` : text;
  return `${personal ? 'the value' : JSON.stringify(short)} is not of type ${stored.type}`;
}

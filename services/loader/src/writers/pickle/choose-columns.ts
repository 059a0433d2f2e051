import { columnRenderer, type StoredColumn } from '@freshet/contracts';
import { pandasColumn, type ColumnSummary, type PickleExport } from '@freshet/domain';
import type { PickleColumn } from './column';
import { DatetimeColumn } from './datetime-column';
import { NullableColumn, NumberColumn } from './number-column';
import { Booleans, Floats, Integers } from './number-values';
import { EmptyColumn, MixedBooleanColumn } from './object-columns';
import { fastDateWriter } from './published-dates';
import { RepeatedTexts } from './repeated-texts';
import { firstTextSlot, SLOT } from './slots';
import { TextColumn, type TextRules } from './text-column';

export interface ColumnChoice {
  readonly dtypes: PickleExport['dtypes'];
  readonly columns: readonly StoredColumn[];
  /** One a column; not looked at for declared types. */
  readonly summaries: readonly ColumnSummary[];
  /** Layouts of the resource's dates, for their published text. */
  readonly dateFormats: readonly string[];
}

export function chooseColumns(choice: ColumnChoice): PickleColumn[] {
  return choice.columns.map((column, position) => {
    const repeated = new RepeatedTexts(firstTextSlot(position, choice.columns.length));
    if (choice.dtypes === 'declared') return declaredColumn(column, repeated);
    const stored = column.type === 'date' || column.type === 'datetime' || column.type === 'boolean';
    const render = stored ? columnRenderer(column.type, choice.dateFormats) : null;
    const writeDate =
      stored && column.type !== 'boolean' ? fastDateWriter(choice.dateFormats, column.type === 'datetime') : null;
    return legacyColumn(choice.summaries[position] ?? 0, { render, writeDate }, repeated);
  });
}

/** What `read_csv` makes of the published texts. */
function legacyColumn(
  summary: ColumnSummary,
  published: Pick<TextRules, 'render' | 'writeDate'>,
  repeated: RepeatedTexts,
): PickleColumn {
  const { render } = published;
  const text = (nulls: TextRules['nulls']): PickleColumn => new TextColumn({ nulls, ...published }, repeated);
  switch (pandasColumn(summary)) {
    case 'empty':
      return new EmptyColumn();
    case 'integer':
      return new NumberColumn(new Integers('int64'), SLOT.int64, render);
    case 'unsigned':
      return new NumberColumn(new Integers('uint64'), SLOT.uint64, render);
    case 'integer-or-null':
      return new NumberColumn(new Floats('integers'), SLOT.float64, render);
    case 'float':
      return new NumberColumn(new Floats('floats'), SLOT.float64, render);
    case 'boolean':
      return new NumberColumn(new Booleans(), SLOT.bool, render);
    case 'boolean-or-null':
      return new MixedBooleanColumn(render);
    case 'raw-text':
      return text('none');
    case 'text':
      return text('words');
  }
}

/** What the definition says, whatever the values: a column's type never changes from one refresh to the next. */
function declaredColumn(column: StoredColumn, repeated: RepeatedTexts): PickleColumn {
  switch (column.type) {
    case 'text':
      return new TextColumn({ nulls: 'stored', render: null }, repeated);
    case 'integer':
      return new NullableColumn(new Integers('int64'), SLOT.integerArray, SLOT.int64, '0', null);
    case 'decimal':
      return new NumberColumn(new Floats('decimals'), SLOT.float64, null);
    case 'boolean':
      return new NullableColumn(new Booleans(), SLOT.booleanArray, SLOT.bool, 'false', columnRenderer('boolean', []));
    case 'date':
    case 'datetime':
      return new DatetimeColumn();
  }
}

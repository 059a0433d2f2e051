import { parse } from 'csv-parse/sync';
import { tableFromIPC } from 'apache-arrow';
import { parquetReadObjects, parquetMetadata } from 'hyparquet';
import { arrow } from './arrow';
import type { Column } from './column';
import { csv } from './csv';
import type { TableFormat } from './format';
import { parquet } from './parquet';

interface Row {
  readonly series: string;
  readonly at: string;
  readonly value: string | null;
  readonly note: string | null;
  readonly revisions: number;
  readonly aggregate: boolean;
}

const COLUMNS: ReadonlyArray<Column<Row>> = [
  { name: 'series', type: 'text', repeats: true, value: ({ series }) => series },
  { name: 'at', type: 'instant', value: ({ at }) => at },
  { name: 'value', type: 'decimal', value: ({ value }) => value },
  { name: 'note', type: 'text', value: ({ note }) => note },
  { name: 'revisions', type: 'integer', value: ({ revisions }) => revisions },
  { name: 'aggregate', type: 'boolean', value: ({ aggregate }) => aggregate },
];
const row = (series: string, hour: number, value: string | null, note: string | null = null): Row => ({
  series,
  at: `2026-11-01T0${hour}:00:00.000Z`,
  value,
  note,
  revisions: hour,
  aggregate: series === 'US48.demand',
});
/** Two batches: the second brings a series that the first did not have. */
const FIRST = [row('PJM.demand', 0, '1263.6001'), row('PJM.demand', 1, null, 'a "quoted", one\r\nin two lines')];
const SECOND = [
  row('US48.demand', 2, '-0.21', 'Zürich'),
  row('PJM.demand', 3, '12345678901234567890.123456789', ''),
  row('US48.demand', 4, '0.30'),
];

async function encoded(format: TableFormat, ...batches: Row[][]): Promise<Buffer> {
  const encoder = await format.open(COLUMNS);
  for (const batch of batches) encoder.add(batch);
  return Buffer.concat(encoder.finish());
}
const asDoubles = [...FIRST, ...SECOND].map(({ value }) => (value === null ? null : Number(value)));
const asTexts = [...FIRST, ...SECOND].map(({ value }) => value);

describe('tables', () => {
  it('go out as RFC 4180 CSV with exact values', async () => {
    const text = (await encoded(csv, FIRST, SECOND)).toString('utf8');
    expect(text.split('\r\n')[0]).toBe('series,at,value,note,revisions,aggregate');
    expect(text.endsWith('US48.demand,2026-11-01T04:00:00.000Z,0.30,,4,true\r\n')).toBe(true);
    const rows = parse(text, { columns: true, record_delimiter: '\r\n' }) as Array<Record<string, string>>;
    expect(rows.map(({ value }) => value)).toEqual(asTexts.map((value) => value ?? ''));
    expect(rows[1]?.['note']).toBe('a "quoted", one\r\nin two lines');
    expect(rows[2]?.['note']).toBe('Zürich');
  });

  it('go out as an Arrow stream that other readers understand', async () => {
    const table = tableFromIPC(await encoded(arrow, FIRST, [], SECOND));
    expect(table.schema.fields.map(({ name, type }) => `${name}: ${String(type)}`)).toEqual([
      'series: Dictionary<Int32, Utf8>',
      'at: Timestamp<MILLISECOND, UTC>',
      'value: Float64',
      'value_text: Utf8',
      'note: Utf8',
      'revisions: Int32',
      'aggregate: Bool',
    ]);
    expect(table.batches).toHaveLength(2);
    const column = (name: string): unknown[] => [...(table.getChild(name) ?? [])];
    expect(column('series')).toEqual(['PJM.demand', 'PJM.demand', 'US48.demand', 'PJM.demand', 'US48.demand']);
    expect(column('at').map(Number)).toEqual([...FIRST, ...SECOND].map(({ at }) => Date.parse(at)));
    expect(column('value')).toEqual(asDoubles);
    expect(column('value_text')).toEqual(asTexts);
    expect(column('note')).toEqual([null, 'a "quoted", one\r\nin two lines', 'Zürich', '', null]);
    expect(column('revisions')).toEqual([0, 1, 2, 3, 4]);
    expect(column('aggregate')).toEqual([false, false, true, false, true]);
  });

  it('go out as Parquet with UTC timestamps', async () => {
    const bytes = await encoded(parquet, FIRST, SECOND);
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    const schema = parquetMetadata(file).schema.slice(1);
    expect(schema.map(({ name, type }) => `${name}: ${type}`)).toEqual([
      'series: BYTE_ARRAY',
      'at: INT64',
      'value: DOUBLE',
      'value_text: BYTE_ARRAY',
      'note: BYTE_ARRAY',
      'revisions: INT32',
      'aggregate: BOOLEAN',
    ]);
    expect(schema[1]?.logical_type).toEqual({ type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' });
    const rows = await parquetReadObjects({ file });
    expect(rows.map(({ value_text }) => value_text)).toEqual(asTexts);
    expect(rows.map(({ value }) => value)).toEqual(asDoubles);
    expect(rows.map(({ at }) => (at as Date).toISOString())).toEqual([...FIRST, ...SECOND].map(({ at }) => at));
    expect(rows.map(({ aggregate }) => aggregate)).toEqual([false, false, true, false, true]);
  });

  it('without rows still say what their columns are', async () => {
    expect((await encoded(csv)).toString()).toBe('series,at,value,note,revisions,aggregate\r\n');
    const table = tableFromIPC(await encoded(arrow));
    expect([table.numRows, table.schema.fields.length]).toEqual([0, 7]);
    const bytes = await encoded(parquet);
    const metadata = parquetMetadata(new Uint8Array(bytes).buffer);
    expect([Number(metadata.num_rows), metadata.schema.length]).toEqual([0, 8]);
  });
});

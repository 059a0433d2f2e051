import { loadCatalog, readDataset } from '@freshet/catalog';
import { COPY_NULL, escapeField, type BatchParsed } from '@freshet/contracts';
import { createColumnSummarizer, storedName, type DatasetDefinition } from '@freshet/domain';
import { validateBatch } from './validate-batch';

function dataset(columns: string, more = ''): DatasetDefinition {
  const result = readDataset(
    'things.yaml',
    `
id: demo.things
title: Things
access: [{ url: 'https://example.org/things.zip' }]
maxAge: 1d
defaults: { dateFormats: [M/D/YYYY, 'M/D/YYYY h:mm:ss A'] }
${more}
resources: [{ member: things.txt, columns: ${columns} }]
`,
  );
  if ('mistakes' in result) throw new Error(JSON.stringify(result.mistakes));
  return result.definition;
}

const COLUMNS = `[{ name: ID, type: integer, required: true }, { name: CODE, checks: [{ kind: oneOf, values: [A, B] }] }, { name: MONTH, type: integer, checks: [{ kind: range, min: 1, max: 12, severity: note }] }, { name: SEEN, type: datetime }]`;
const checked = dataset(COLUMNS);
const unchecked = dataset(
  '[{ name: ID, type: integer }, CODE, { name: MONTH, type: integer }, { name: SEEN, type: datetime }]',
);

type Row = readonly [verbatim: object | null, ...values: Array<string | null>];
const field = (value: string | null): string => (value === null ? COPY_NULL : escapeField(value));
const lines = (rows: readonly Row[]): string =>
  rows
    .map(
      ([verbatim, ...values], row) =>
        `0\t${row}\t${field(verbatim && JSON.stringify(verbatim))}\t${values.map(field).join('\t')}\n`,
    )
    .join('');

function validate(definition: DatasetDefinition, rows: readonly Row[], over: Partial<BatchParsed> = {}) {
  const [resource] = definition.resources;
  const uuid = '11111111-1111-4111-8111-111111111111';
  const batch: BatchParsed = {
    type: 'batch.parsed',
    dataset: definition.id,
    runId: uuid,
    taskId: uuid,
    attempt: 1,
    contentVersion: definition.contentVersion,
    resource: 'things',
    chunk: 0,
    bytes: 1,
    checksum: 'c',
    records: rows.length,
    rows: rows.length,
    columns: (resource?.columns ?? []).map(({ name, type }) => ({ name: storedName(name), type, published: name })),
    refused: [],
    notes: {},
    summary: null,
    ...over,
  };
  const input = Buffer.from(lines(rows));
  const { meta, body } = validateBatch(definition, batch, input);
  return { ...meta, input, parts: body, body: Buffer.concat(body).toString() };
}

describe('validateBatch', () => {
  it('passes a resource without checks through without touching its body', () => {
    const made = validate(unchecked, [[null, null, 'Z', '99', null]]);
    expect(made.parts[0]).toEqual(made.input);
    expect(made).toMatchObject({ type: 'batch.validated', rows: 1, refused: [], notes: {} });
    expect(
      validateBatch(
        unchecked,
        { ...made, type: 'batch.parsed' } as BatchParsed,
        Buffer.from('anything at all'),
      ).body[0]?.toString(),
    ).toBe('anything at all');
  });

  it('passes rows that keep the rules, null values of what is not required included', () => {
    const made = validate(checked, [
      [null, '1', 'A', '12', null],
      [null, '2', null, null, null],
    ]);
    expect([made.body, made.rows, made.refused]).toEqual([made.input.toString(), 2, []]);
  });

  it('takes refused rows out of the body, and sends them along as they were published', () => {
    const made = validate(checked, [
      [null, '1', 'A', '1', null],
      [{ month: '07' }, null, 'A', '7', '2024-03-09 23:59:00'],
      [null, '3', 'a, "b"\r\nc', '7', '2024-03-09 00:00:00'],
      [null, '4', 'B', '2', null],
      [null, null, 'X', '2', null],
    ]);
    expect(made.body).toBe('0\t0\t\\N\t1\tA\t1\t\\N\n0\t3\t\\N\t4\tB\t2\t\\N\n');
    expect(made.rows).toBe(2);
    expect(made.refused).toEqual([
      {
        row: 1,
        reason: 'required_missing',
        column: 'ID',
        detail: 'ID is required and has no value',
        record: ',A,07,3/9/2024 11:59:00 PM',
      },
      {
        row: 2,
        reason: 'check_failed',
        column: 'CODE',
        detail: 'oneOf: expected one of A, B',
        record: '3,"a, ""b""\r\nc",7,3/9/2024',
      },
      { row: 4, reason: 'required_missing', column: 'ID', detail: 'ID is required and has no value', record: ',X,2,' },
    ]);
    expect(made.rows + made.refused.length).toBe(made.records);
  });

  it('adds to what the parser refused, in the order of the records', () => {
    const earlier = { row: 1, reason: 'record_ragged' as const, column: null, detail: 'd', record: 'r' };
    const rows: Row[] = [[null, null, 'A', '1', null]];
    expect(validate(checked, rows, { refused: [earlier], records: 2 }).refused.map(({ row }) => row)).toEqual([0, 1]);
  });

  it('counts what is only noted, on top of the notes of the parser, and keeps the row', () => {
    const made = validate(
      checked,
      [
        [null, '1', 'A', '13', null],
        [null, '2', 'A', '0', null],
        [null, null, 'A', '0', null],
      ],
      { notes: { 'type_mismatch:SEEN': 3 } },
    );
    expect(made.notes).toEqual({ 'type_mismatch:SEEN': 3, 'check_range:MONTH': 2 });
    expect(made.rows).toBe(2);
  });

  it('leaves columns alone that nobody declared, wherever they stand', () => {
    const columns = [
      { name: 'extra', type: 'text' as const, published: 'EXTRA' },
      { name: 'code', type: 'text' as const, published: 'code' },
      { name: 'id', type: 'integer' as const, published: 'ID' },
    ];
    const made = validate(
      checked,
      [
        [null, 'x', 'A', '1'],
        [null, null, 'C', '2'],
      ],
      { columns },
    );
    expect(made.refused.map(({ row, column }) => [row, column])).toEqual([[1, 'code']]);
  });

  it('gives summaries of the rows that are left', () => {
    const definition = dataset(COLUMNS, 'exports: [{ kind: pickle, folder: out }]');
    const summary = (rows: readonly string[][]): unknown => {
      const summarizer = createColumnSummarizer(4);
      for (const row of rows) row.forEach((text, column) => summarizer.add(column, text));
      return { columns: summarizer.finish() };
    };
    const all = [
      ['1', 'A', '07', ''],
      ['', 'A', '', '3/9/2024'],
    ];
    const rows: Row[] = [
      [{ month: '07' }, '1', 'A', '7', null],
      [null, null, 'A', null, '2024-03-09 00:00:00'],
    ];
    const made = validate(definition, rows, { summary: summary(all) });
    expect(made.summary).toEqual(summary(all.slice(0, 1)));
    expect(made.summary).not.toEqual(summary(all));
    expect(validate(definition, rows.slice(0, 1), { summary: { columns: [1, 2, 3, 4] } }).summary).toEqual({
      columns: [1, 2, 3, 4],
    });
  });

  it('may refuse every row', () => {
    const made = validate(checked, [[null, null, 'A', '1', null]]);
    expect([made.body, made.rows, made.refused.length]).toEqual(['', 0, 1]);
  });
});

describe('validateBatch of a JSON API', () => {
  const demand = loadCatalog().get('eia.demand');
  const [resource] = demand.resources;

  it('refuses rows without what is required, with the record as it was received', () => {
    const record = '{"period":"2022-07-10T00","type":"D", "value":".3"}';
    const made = validate(
      demand,
      [
        [null, '2022-07-10 00:00:00', 'PJM', 'PJM', 'D', 'Demand', '101048', 'megawatthours', '{}'],
        [{ value: '.3' }, '2022-07-10 00:00:00', null, null, 'D', null, '0.3', null, record],
      ],
      { resource: resource?.name },
    );
    expect(made.refused).toEqual([
      {
        row: 1,
        reason: 'required_missing',
        column: 'respondent',
        detail: 'respondent is required and has no value',
        record,
      },
    ]);
    expect(made.rows).toBe(1);
  });

  it('writes a record that reads the same where none was kept', () => {
    const format = { reader: 'json', encoding: 'utf-8', record: null } as const;
    const columns = resource?.columns.filter(({ name }) => name !== 'source') ?? [];
    const without = { ...demand, resources: demand.resources.map((entry) => ({ ...entry, format, columns })) };
    const row: Row = [{ value: '.3' }, '2022-07-10 07:00:00', null, null, 'D', null, '0.3', null];
    const { refused } = validate(without, [row], { resource: resource?.name });
    expect(refused[0]?.record).toBe('{"period":"2022-07-10T07","type":"D","value":".3"}');
  });
});

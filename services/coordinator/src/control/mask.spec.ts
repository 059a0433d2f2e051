import type { QuarantinedRecord } from '@freshet/database';
import type { ResourceDefinition } from '@freshet/domain';
import fc from 'fast-check';
import { maskRecord } from './mask';

const column = (name: string, personal = false) =>
  ({ name, type: 'text', required: false, personal, checks: [] }) as const;
const resource = (columns = [column('ID'), column('CONTACT_NAME', true), column('REMARK')]): ResourceDefinition => ({
  name: 'main',
  member: 'm',
  required: true,
  format: { reader: 'csv', delimiter: ',', quote: '"', header: true, encoding: 'windows-1252' },
  columns,
  key: [],
  contract: { unknownColumn: 'evolve', missingColumn: 'evolve', valueType: 'evolve' },
  nulls: { empty: true, words: [] },
  dateFormats: [],
  maxRecordBytes: 1,
});
const stored = (over: Partial<QuarantinedRecord>): QuarantinedRecord => ({
  id: '1',
  dataset: 'd',
  runId: 'r',
  resource: 'main',
  chunk: 0,
  row: 0,
  reason: 'check_failed',
  column: 'ID',
  detail: 'not a number',
  record: '',
  header: [],
  ...over,
});

describe('a quarantined record', () => {
  it('is masked whole where it is JSON of a resource that has personal fields', () => {
    const format = { reader: 'json', encoding: 'utf-8', record: null } as const;
    const record = '{"ID":"1","REMARK":"a","CONTACT_NAME":"Doe"}';
    expect(maskRecord(stored({ record }), { ...resource(), format }).record).toBe('***');
    expect(maskRecord(stored({ record }), { ...resource([column('ID')]), format }).record).toBe(record);
  });

  it('shows everything but the personal fields, as published', () => {
    expect(maskRecord(stored({ record: '"1","Doe, Jane","a ""b"",\r\nc"\r\n' }), resource()).record).toBe(
      '"1",***,"a ""b"",\r\nc"\r\n',
    );
    expect(maskRecord(stored({ record: '"1",,"x"' }), resource()).record).toBe('"1",,"x"');
  });

  it('follows the header it was read with, not the order of the definition', () => {
    expect(maskRecord(stored({ record: 'Jane,1', header: ['contact_name', 'ID'] }), resource()).record).toBe('***,1');
  });

  it('masks a personal column under another spelling, and one that nobody declared', () => {
    const header = ['Contact Name', 'ID', 'CONTACT'];
    expect(maskRecord(stored({ record: 'Jane,1,Jane', header }), resource()).record).toBe('***,1,***');
  });

  it.each([['"1","Jane'], ['1,Jane'], ['1,Jane,x,y'], ['']])(
    'is masked whole when its fields cannot be told apart: %j',
    (record) => {
      expect(maskRecord(stored({ record }), resource()).record).toBe('***');
    },
  );

  it('hides a detail that may quote a personal value', () => {
    const record = '1,Jane,x';
    expect(
      maskRecord(stored({ record, column: 'CONTACT_NAME', detail: '"Jane" is too long' }), resource()).detail,
    ).toBe('***');
    expect(maskRecord(stored({ record, column: null, detail: 'found Jane' }), resource()).detail).toBe('***');
    expect(maskRecord(stored({ record }), resource()).detail).toBe('not a number');
  });

  it('is shown as it is where nothing is personal, and not at all where nobody knows', () => {
    expect(maskRecord(stored({ record: '"open' }), resource([column('ID')])).record).toBe('"open');
    expect(maskRecord(stored({ record: 'x' }), undefined)).toMatchObject({ record: '***', detail: '***' });
  });

  it('never shows a personal value, whatever stands in it', () => {
    const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (id, remark, extra) => {
        const secret = `JANE-DOE${extra}`;
        const { record } = maskRecord(
          stored({
            record: [id.replaceAll('JANE-DOE', ''), secret, remark.replaceAll('JANE-DOE', '')].map(quoted).join(','),
          }),
          resource(),
        );
        expect(record).not.toContain('JANE-DOE');
      }),
    );
  });
});

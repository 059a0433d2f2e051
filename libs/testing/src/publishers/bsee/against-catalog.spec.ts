import { buffer } from 'node:stream/consumers';
import { loadCatalog } from '@freshet/catalog';
import type { ColumnType } from '@freshet/domain';
import { parse } from 'csv-parse/sync';
import { BSEE_ARCHIVES, rawMember } from '.';

const SHAPES: Readonly<Record<ColumnType, RegExp>> = {
  text: /^/,
  integer: /^-?\d{1,18}$/,
  decimal: /^-?\d+(\.\d+)?$/,
  boolean: /^(true|false)$/i,
  date: /^\d{1,2}\/\d{1,2}\/\d{4}$/,
  datetime: /^\d{1,2}\/\d{1,2}\/\d{4}( \d{1,2}:\d\d:\d\d [AP]M)?$/,
};
const catalog = loadCatalog();
const members = BSEE_ARCHIVES.flatMap(({ dataset, members }) =>
  members.map((member) => [member.name, dataset, member] as const),
);

it.each(members)('every value of %s is of the type that its definition declares', async (name, dataset) => {
  const resource = catalog.get(dataset).resources.find(({ member }) => member === name);
  const bytes = await buffer(rawMember(name, { rows: 600 }));
  const [, ...records] = parse(bytes, { encoding: 'latin1' }) as string[][];
  const wrong = new Set<string>();
  for (const record of records) {
    resource?.columns.forEach((column, i) => {
      const value = record[i] ?? '';
      if (value === '' ? column.required : !SHAPES[column.type].test(value))
        wrong.add(`${column.name} (${column.type}): ${value}`);
    });
  }
  expect([...wrong]).toEqual([]);
});

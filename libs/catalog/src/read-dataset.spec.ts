import type { DatasetDefinition } from '@freshet/domain';
import { readDataset, type Mistake } from './read-dataset';

const minimal = `
id: demo.things
title: Things
access:
  - url: https://example.org/things.zip
maxAge: 25h
resources:
  - member: Things-2026.txt
    columns: [NAME, { name: SIZE, type: integer }]
`;

function definition(text: string): DatasetDefinition {
  const result = readDataset('things.yaml', text);
  if ('mistakes' in result) throw new Error(JSON.stringify(result.mistakes));
  return result.definition;
}

function mistakes(text: string): readonly Mistake[] {
  const result = readDataset('things.yaml', text);
  return 'mistakes' in result ? result.mistakes : [];
}

const told = (text: string): string[] => mistakes(text).map(({ path, message }) => `${path}: ${message}`);

describe('readDataset', () => {
  it('names a file whose references multiply, instead of unfolding it', () => {
    const levels = Array.from({ length: 9 }, (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n}, `.repeat(9)}]`);
    expect(mistakes(['a0: &a0 [x]', ...levels].join('\n'))).toEqual([
      { file: 'things.yaml', line: null, path: '', message: expect.stringContaining('alias') },
    ]);
  });

  it('fills in defaults, and turns durations and sizes into milliseconds and bytes', () => {
    const things = definition(`${minimal}timeouts: { total: 1200s }\narchive: { maxCompressed: 2GiB }\n`);
    expect(things.maxAgeSeconds).toBe(25 * 3600);
    expect(things.timeouts).toEqual({ connectMs: 30_000, stallMs: 60_000, totalMs: 1_200_000, growth: 0.5 });
    expect(things.archive.maxCompressedBytes).toBe(2 * 1024 ** 3);
    expect(things.schedule).toBeNull();
    expect(things.resources[0]).toMatchObject({
      name: 'things_2026',
      contract: { unknownColumn: 'evolve', missingColumn: 'freeze', valueType: 'evolve' },
      format: { reader: 'csv', encoding: 'utf-8', header: true },
    });
  });

  it('lets resources inherit the defaults of the dataset, part by part', () => {
    const text = `${minimal}    contract: { valueType: freeze }
  - { member: other.txt, columns: [A] }
defaults: { contract: { unknownColumn: discard_value, valueType: discard_row }, format: { encoding: windows-1252 }, maxRecord: 64KiB }
`;
    const [things, other] = definition(text).resources;
    expect(things?.contract).toEqual({ unknownColumn: 'discard_value', missingColumn: 'freeze', valueType: 'freeze' });
    expect(other?.contract.valueType).toBe('discard_row');
    expect(other?.format).toMatchObject({ encoding: 'windows-1252', delimiter: ',' });
    expect(other?.maxRecordBytes).toBe(65_536);
  });

  it('makes the columns of the key required', () => {
    const [resource] = definition(`${minimal}    key: [NAME]\n`).resources;
    expect(resource?.columns.map((column) => column.required)).toEqual([true, false]);
  });

  it('leaves "api: none" out of the ways to try', () => {
    const text = minimal.replace('access:', 'access:\n  - api: none');
    expect(definition(text).access).toEqual([{ kind: 'url', url: 'https://example.org/things.zip' }]);
  });

  it('tells all mistakes together, with line and path', () => {
    const text = `${minimal.replace('25h', '25 hours').replace('title:', 'tilte:').replace('type: integer', 'type: int')}retries: 3\n`;
    const found = mistakes(text);
    expect(found.map((mistake) => mistake.path).sort()).toEqual([
      'maxAge',
      'resources[0].columns[1].type',
      'retries',
      'tilte',
      'title',
    ]);
    expect(found.find((mistake) => mistake.path === 'maxAge')).toMatchObject({
      line: 6,
      message: expect.stringContaining('such as 600s'),
    });
    expect(found.find((mistake) => mistake.path === 'tilte')?.message).toContain('did you mean "title"?');
    expect(found.find((mistake) => mistake.path === 'retries')?.message).toContain('did you mean "retry"?');
  });

  it('names an unknown key inside one of several shapes', () => {
    expect(told(minimal.replace('{ name: SIZE, type: integer }', '{ name: SIZE, typ: integer }'))).toEqual([
      'resources[0].columns[1].typ: unknown key; did you mean "type"?',
    ]);
  });

  it.each([
    [
      'a key that is no column',
      `${minimal}    key: [NAMES]\n`,
      'resources[0].key[0]: no column is named NAMES; did you mean NAME?',
    ],
    [
      'columns that are stored alike',
      minimal.replace('NAME,', 'NAME, name,'),
      'resources[0].columns[1]: another column is stored under the same name: name',
    ],
    [
      'a name kept for positions',
      minimal.replace('NAME,', '_CHUNK,'),
      'resources[0].columns[0]: _CHUNK cannot be stored: its name is kept for positions, or empty',
    ],
    [
      'members that meet',
      `${minimal}  - { name: again, member: THINGS-2026.TXT, columns: [A] }\n`,
      'resources[1].member: another resource reads this member: things-2026.txt',
    ],
    [
      'a cron expression that is none',
      `${minimal}schedule: { cron: 'every day' }\n`,
      'schedule.cron: expected a cron expression with five fields, such as 30 5 * * *',
    ],
    [
      'an unknown time zone',
      `${minimal}schedule: { cron: '0 6 * * *', timeZone: Gulf }\n`,
      'schedule.timeZone: expected a time zone of the IANA database, such as UTC or America/Chicago',
    ],
    [
      'a folder outside the export root',
      `${minimal}exports: [{ kind: pickle, folder: ../up }]\n`,
      'exports[0].folder: expected a folder below the export root, with / between names',
    ],
    [
      'a check that does not fit the type',
      minimal.replace('NAME,', '{ name: NAME, checks: [{ kind: range, min: 1 }] },'),
      'resources[0].columns[0].checks[0]: range is for integer and decimal, this column is text',
    ],
    [
      'a range the wrong way round',
      minimal.replace('type: integer', 'type: integer, checks: [{ kind: range, min: 2, max: 1 }]'),
      'resources[0].columns[1].checks[0]: min is above max',
    ],
    [
      'a pattern that may take for ever',
      minimal.replace('NAME,', '{ name: NAME, checks: [{ kind: pattern, pattern: "^(a+)+$" }] },'),
      'resources[0].columns[0].checks[0].pattern: this pattern cannot be used: a repeated group may not hold a repetition or an alternative',
    ],
    [
      'a date format it cannot read',
      `${minimal}defaults: { dateFormats: [dd/mm/yyyy] }\n`,
      'defaults.dateFormats[0]: "d" is no part of a layout; known are YYYY, MM, M, DD, D, hh, h, HH, H, mm, ss, A and signs between them',
    ],
    [
      'no way to the publisher',
      minimal.replace('url: https://example.org/things.zip', 'api: none'),
      'access: no way is left to reach the publisher',
    ],
  ])('refuses %s', (_, text, expected) => {
    expect(told(text)).toEqual([expected]);
  });

  it('explains a file that is not YAML, or not a dataset', () => {
    expect(mistakes('id: [')[0]).toMatchObject({ file: 'things.yaml', line: 1 });
    expect(told('')[0]).toContain('expected object');
  });
});

describe('contentVersion', () => {
  const version = (text: string): string => definition(text).contentVersion;

  it.each([
    ['a type', minimal.replace('type: integer', 'type: decimal')],
    ['a member', minimal.replace('Things-2026', 'Things')],
    ['what counts as null', `${minimal}defaults: { nulls: { words: [NA] } }\n`],
    ['the encoding', `${minimal}defaults: { format: { encoding: windows-1252 } }\n`],
    ['the contract', `${minimal}defaults: { contract: { valueType: discard_row } }\n`],
    ['a check', minimal.replace('type: integer', 'type: integer, checks: [{ kind: range, min: 0 }]')],
    ['an export that needs column summaries', `${minimal}exports: [{ kind: pickle, folder: out }]\n`],
  ])('changes with %s', (_, text) => {
    expect(version(text)).not.toBe(version(minimal));
  });

  it.each([
    ['a title', minimal.replace('title: Things', 'title: Other')],
    ['a unit or description', minimal.replace('type: integer', 'type: integer, unit: ft, description: Length')],
    ['a schedule', `${minimal}schedule: { cron: '0 6 * * *' }\n`],
    ['a default said aloud', `${minimal}defaults: { format: { encoding: utf-8 }, nulls: { empty: true } }\n`],
    ['the order of keys', minimal.replace('{ name: SIZE, type: integer }', '{ type: integer, name: SIZE }')],
  ])('stays with %s', (_, text) => {
    expect(version(text)).toBe(version(minimal));
  });
});

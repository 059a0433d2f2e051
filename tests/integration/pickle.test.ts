import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { storedName } from '@freshet/domain';
import { bseeMembers } from './pickle/bsee-members';
import { ADVERSARIAL, randomTables, type RawTable } from './pickle/columns';
import { DATE_FORMATS, storeMember } from './pickle/member-table';
import { describeWithPandas, type PythonEnv } from './pickle/python-env';
import { encodeWindows1252, rawCsv } from './pickle/windows-1252';
import { resource, withFolder, writeBin, writeJson } from './pickle/write-bin';

const COMPARE = join(__dirname, 'pickle', 'compare_frames.py');
const DESCRIBE = join(__dirname, 'pickle', 'describe_frame.py');
const COMPARE_BINS = join(__dirname, '..', '..', 'services', 'cli', 'python', 'compare_bins.py');

interface ComparedFolders {
  readonly equal: boolean;
  readonly files: ReadonlyArray<{ readonly name: string; readonly result: string; readonly detail: string }>;
}

interface Pair {
  readonly bin: string;
  readonly member: string;
  readonly encoding?: string;
}
interface Outcome {
  readonly bin: string;
  readonly equal: boolean;
  readonly error?: string;
  readonly dtypes?: Readonly<Record<string, string>>;
}

async function compare(python: PythonEnv, folder: string, pairs: readonly Pair[]): Promise<Outcome[]> {
  const printed = await python.run(COMPARE, await writeJson(folder, 'pairs.json', pairs));
  return printed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Outcome);
}

/** Writes the member as CSV and as `.bin`, going through storage in between. */
async function writePair(folder: string, name: string, raw: RawTable, chunkRows: number): Promise<Pair> {
  const stored = storeMember(raw.header, raw.types ?? [], raw.records, chunkRows);
  const member = join(folder, `${name}.txt`);
  const text = rawCsv(raw.header, raw.records);
  await writeFile(member, raw.encoding === 'utf-8' ? text : encodeWindows1252(text));
  const rows = Buffer.from(stored.lines.join(''));
  const file = await writeBin(folder, 'bin', resource(`${name}.txt`, DATE_FORMATS), { ...stored, rows });
  return { bin: join(folder, ...file.path.split('/')), member, encoding: raw.encoding ?? 'cp1252' };
}

const TEN_MINUTES = 600_000;

describeWithPandas('a pickle with legacy types', (environments) => {
  it(
    'equals what pandas reads, for all fourteen members of BSEE',
    async () => {
      await withFolder(async (folder) => {
        const pairs: Pair[] = [];
        for await (const { resource: definition, raw, table } of bseeMembers(600)) {
          const member = join(folder, definition.member);
          await writeFile(member, raw);
          const file = await writeBin(folder, 'bin', definition, table);
          pairs.push({ bin: join(folder, ...file.path.split('/')), member });
        }
        expect(pairs).toHaveLength(14);
        for (const python of environments()) {
          const outcomes = await compare(python, folder, pairs);
          expect(outcomes.filter(({ equal }) => !equal)).toEqual([]);
          expect(outcomes).toHaveLength(14);
        }
      });
    },
    TEN_MINUTES,
  );

  it(
    'equals what pandas reads, for columns made to be misread',
    async () => {
      await withFolder(async (folder) => {
        const cases = Object.entries(ADVERSARIAL);
        const pairs = await Promise.all(cases.map(([name, table]) => writePair(folder, storedName(name), table, 3)));
        for (const python of environments()) {
          const wanted = pairs.filter((_, at) => (cases[at]?.[1].only ?? python.pandas) === python.pandas);
          const outcomes = await compare(python, folder, wanted);
          expect(outcomes.filter(({ equal }) => !equal)).toEqual([]);
        }
      });
    },
    TEN_MINUTES,
  );

  it.each([
    ['values that pandas 2 and 3 read alike', 'alike', ['2.3.3', '3.0.6']],
    ['any values', 'any', ['2.3.3']],
  ] as const)(
    'equals what pandas reads, for random columns of %s',
    async (_, kind, versions) => {
      await withFolder(async (folder) => {
        const pairs: Pair[] = [];
        for (const [at, table] of randomTables(kind, 150).entries())
          pairs.push(await writePair(folder, `t${at}`, table, 1 + (at % 5)));
        for (const python of environments().filter(({ pandas }) => (versions as readonly string[]).includes(pandas))) {
          const outcomes = await compare(python, folder, pairs);
          const [wrong] = outcomes.filter(({ equal }) => !equal);
          const table = wrong && randomTables(kind, 150)[outcomes.indexOf(wrong)];
          expect({ pandas: python.pandas, wrong, table }).toEqual({ pandas: python.pandas });
        }
      });
    },
    TEN_MINUTES,
  );
});

describeWithPandas('a pickle with declared types', (environments) => {
  const header = ['ID', 'COUNT', 'AMOUNT', 'FLAG', 'DAY', 'MOMENT'];
  const types = ['text', 'integer', 'decimal', 'boolean', 'date', 'datetime'] as const;
  const records = [
    [' 00572', '9223372036854775', '29.71839506', 'true', '11/5/2014', '3/9/2024 11:59:00 PM'],
    ['NA', '-7', '12345678901234567.89', 'false', '1/31/1947', '7/21/2019'],
    ['', '', '', '', '', ''],
    ['x', 'seven', '1,5', 'maybe', '13/45/2024', 'soon'],
  ];
  const expected = {
    ID: [' 00572', 'NA', null, 'x'],
    COUNT: ['9223372036854775', '-7', null, null],
    AMOUNT: ['29.71839506', '1.2345678901234568e+16', null, null],
    FLAG: ['True', 'False', null, null],
    DAY: ['2014-11-05 00:00:00', '1947-01-31 00:00:00', null, null],
    MOMENT: ['2024-03-09 23:59:00', '2019-07-21 00:00:00', null, null],
  };

  it.each([
    ['some rows', records, expected],
    ['no rows', [], Object.fromEntries(header.map((name) => [name, []]))],
  ])(
    'keeps text as text and dates as dates, with types that do not depend on the values: %s',
    async (_, rows, values) => {
      await withFolder(async (folder) => {
        const stored = storeMember(header, types, rows, 2);
        const table = { ...stored, rows: Buffer.from(stored.lines.join('')) };
        const file = await writeBin(folder, 'bin', resource('typed.txt', DATE_FORMATS), table, 'declared');
        for (const python of environments()) {
          const found: unknown = JSON.parse(await python.run(DESCRIBE, join(folder, ...file.path.split('/'))));
          expect(found).toEqual({
            dtypes: {
              ID: python.pandas.startsWith('2') ? 'object' : 'str',
              COUNT: 'Int64',
              AMOUNT: 'float64',
              FLAG: 'boolean',
              DAY: 'datetime64[us]',
              MOMENT: 'datetime64[us]',
            },
            index: `RangeIndex(start=0, stop=${rows.length}, step=1)`,
            values,
          });
        }
      });
    },
    TEN_MINUTES,
  );
});

describeWithPandas('comparing folders of .bin files', (environments) => {
  it(
    'finds old and new files equal, names what differs, and reads nothing that is no frame',
    async () => {
      await withFolder(async (folder) => {
        const [left, right] = [join(folder, 'bin'), join(folder, 'old')];
        const members: string[] = [];
        for await (const { resource: definition, raw, table } of bseeMembers(200)) {
          if (!/mv_war_main|mv_apd_main_all|mv_productionsum/.test(definition.member)) continue;
          const member = join(folder, definition.member);
          await writeFile(member, raw);
          await writeBin(folder, 'bin', definition, table);
          members.push(member);
        }
        await mkdir(right);
        const [oldest] = environments();
        if (!oldest) return;
        await oldest.run(join(__dirname, 'pickle', 'dump_frames.py'), right, ...members);
        for (const name of ['hostile.bin', 'list.bin', 'damaged.bin'])
          await copyFile(join(left, 'mv_war_main.bin'), join(left, name));
        await writeFile(
          join(right, 'mv_productionsum.bin'),
          `version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n`,
        );
        await copyFile(join(left, 'mv_war_main.bin'), join(right, 'mv_apd_main_all.bin'));
        await copyFile(join(left, 'mv_war_main.bin'), join(left, 'new.bin'));
        await copyFile(join(left, 'mv_war_main.bin'), join(right, 'gone.bin'));

        for (const python of environments()) {
          const { files, equal } = JSON.parse(await python.run(COMPARE_BINS, left, right)) as ComparedFolders;
          expect(equal).toBe(false);
          expect(Object.fromEntries(files.map(({ name, result }) => [name, result]))).toEqual({
            'damaged.bin': 'unreadable',
            'gone.bin': 'only right',
            'hostile.bin': 'unreadable',
            'list.bin': 'unreadable',
            'mv_apd_main_all.bin': 'different',
            'mv_productionsum.bin': 'lfs stub',
            'mv_productionsumwd.bin': 'equal',
            'mv_war_main.bin': 'equal',
            'mv_war_main_prop.bin': 'equal',
            'mv_war_main_prop_remark.bin': 'equal',
            'new.bin': 'only left',
          });
          expect(files.find(({ name }) => name === 'mv_apd_main_all.bin')?.detail).toContain(
            'columns only left: SN_APD',
          );
          expect(await readdir(right)).not.toContain('hostile-was-here');
        }
      });
    },
    TEN_MINUTES,
  );
});

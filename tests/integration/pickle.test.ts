import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { storedName } from '@freshet/domain';
import { bseeMembers } from './pickle/bsee-members';
import { ADVERSARIAL, randomTables, type RawTable } from './pickle/columns';
import { DATE_FORMATS, storeMember } from './pickle/member-table';
import { describeWithPandas, type PythonEnv } from './pickle/python-env';
import { encodeWindows1252, rawCsv } from './pickle/windows-1252';
import { resource, withFolder, writeBin, writeJson } from './pickle/write-bin';

const COMPARE = join(__dirname, 'pickle', 'compare_frames.py');

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

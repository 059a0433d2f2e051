import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredColumn } from '@freshet/contracts';
import { createColumnSummarizer, silentLogger, type PickleExport } from '@freshet/domain';
import type { ExportRequest } from '../writer';
import { PickleWriter } from './pickle-writer';

const COLUMNS: readonly StoredColumn[] = [
  { name: 'id', type: 'integer', published: 'ID' },
  { name: 'name', type: 'text', published: 'NAME' },
];

async function* buffers(...texts: string[]): AsyncIterable<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

const summaryOf = (...rows: ReadonlyArray<readonly [string, string]>): { columns: number[] } => {
  const summarizer = createColumnSummarizer(2);
  for (const row of rows) for (const [at, text] of row.entries()) summarizer.add(at, text);
  return { columns: summarizer.finish() };
};

describe('PickleWriter', () => {
  let root: string;
  beforeEach(async () => (root = await mkdtemp(join(tmpdir(), 'freshet-writer-'))));
  afterEach(() => rm(root, { recursive: true, force: true }));

  const request = (
    change: Partial<ExportRequest> & { folder?: string; warnBytes?: number; rowTexts?: string[] } = {},
  ): ExportRequest => {
    // prettier-ignore
    const texts = change.rowTexts ?? ['0\t0\t\\N\t1\tfirst\n0\t1\t', '\\N\t2\tsecond\n'];
    return {
      generation: 3,
      resource: {
        dataset: 'bsee.well',
        definition: { member: 'mv_well.txt', dateFormats: ['M/D/YYYY'] } as never,
        rowsFrom: 3,
        rows: 2,
        sha256: '',
      },
      rows: buffers(...texts),
      openRows: () => buffers(...texts),
      summaries: [summaryOf(['1', 'first'], ['2', 'second'])],
      columns: COLUMNS,
      export: { kind: 'pickle', folder: change.folder ?? 'data/bin/apd', dtypes: 'legacy', warnBytes: change.warnBytes ?? 1e8 } satisfies PickleExport, // prettier-ignore
      root,
      signal: new AbortController().signal,
      ...change,
    };
  };
  const write = (change?: Parameters<typeof request>[0]): ReturnType<PickleWriter['write']> =>
    new PickleWriter(silentLogger).write(request(change));
  const content = (): Promise<Buffer> => readFile(join(root, 'data', 'bin', 'apd', 'mv_well.bin'));

  it('writes the member stem with .bin below the root, and says what it wrote', async () => {
    const [file] = await write();
    expect(file).toMatchObject({ path: 'data/bin/apd/mv_well.bin', warning: null, bytes: (await content()).length });
    expect(await readdir(join(root, 'data', 'bin', 'apd'))).toEqual(['mv_well.bin']);
  });

  it('gives the same bytes again, however the rows arrive', async () => {
    const [first] = await write();
    const [second] = await write({ rowTexts: [...'0\t0\t\\N\t1\tfirst\n0\t1\t\\N\t2\tsecond\n'] });
    expect(second).toEqual(first);
  });

  it.each([
    ['are missing', []],
    ['are of other columns', [{ columns: [1] }]],
    ['are something else', [{ any: 'thing' }]],
    ['do not cover the rows', [summaryOf(['1', 'first'])]],
  ])('gathers the summaries from the rows when those given %s', async (_, summaries) => {
    const rowTexts = ['0\t0\t\\N\t1\tfirst\n0\t1\t{"id":"x7"}\t\\N\tsecond\n'];
    const [file] = await write({ rowTexts, summaries });
    const [known] = await write({ rowTexts, summaries: [summaryOf(['1', 'first'], ['x7', 'second'])] });
    expect(file).toEqual(known);
    expect((await content()).includes('x7')).toBe(true);
  });

  it('warns about a file too large for git, and how to keep it out', async () => {
    const [file] = await write({ warnBytes: 10 });
    expect(file?.warning).toContain('.gitignore');
    expect(file?.warning).toContain('git lfs track');
  });

  it('takes the columns of a resource without rows from its definition', async () => {
    const base = request();
    const definition = { ...base.resource.definition, columns: [{ name: 'ONLY_DEFINED', type: 'text' }] } as never;
    await write({ columns: [], rowTexts: [], summaries: [], resource: { ...base.resource, definition, rows: 0 } });
    expect((await content()).includes('ONLY_DEFINED')).toBe(true);
  });

  it.each(['../elsewhere', 'a/../../b', '/etc'])('refuses to write outside the root: %s', async (folder) => {
    await expect(write({ folder })).rejects.toMatchObject({ code: 'export_failed', kind: 'terminal' });
  });

  it('leaves no part-file and no half file when the rows fail or the work is taken away', async () => {
    const failing = (async function* () {
      yield Buffer.from('0\t0\t\\N\t1\tfirst\n');
      throw new Error('connection lost');
    })();
    await expect(write({ rows: failing })).rejects.toMatchObject({ code: 'export_failed', kind: 'transient' });
    await expect(write({ rowTexts: ['0\t0\t\\N\t1'] })).rejects.toMatchObject({ code: 'export_failed' });
    await expect(write({ rowTexts: ['0\t0\t\\N\t1\tb\tc\n'] })).rejects.toMatchObject({ code: 'export_failed' });
    const taken = new AbortController();
    taken.abort(new Error('fenced'));
    await expect(write({ signal: taken.signal })).rejects.toThrow('fenced');
    expect(await readdir(join(root, 'data', 'bin', 'apd'))).toEqual([]);
  });

  it('does not put its file over a newer one when the work was taken away while the last rows came', async () => {
    await write();
    const newer = await content();
    const taken = new AbortController();
    async function* rows(): AsyncGenerator<Buffer> {
      yield* buffers('0\t0\t\\N\t1\told\n0\t1\t\\N\t2\told\n');
      taken.abort(new Error('fenced'));
    }
    await expect(write({ rows: rows(), signal: taken.signal })).rejects.toThrow('fenced');
    expect((await content()).equals(newer)).toBe(true);
    expect(await readdir(join(root, 'data', 'bin', 'apd'))).toEqual(['mv_well.bin']);
  });
});

import { loadCatalog } from '@freshet/catalog';
import {
  batchParsedSchema,
  checksumOf as checksumOfBytes,
  encodeMessage,
  TOPICS,
  type BatchParsed,
  type ChunkFetched,
} from '@freshet/contracts';
import { TestStage } from '@freshet/testing/stages';
import { ParserModule } from './parser.module';

const catalog = loadCatalog();
const production = catalog.get('bsee.production');
const uuid = '11111111-1111-4111-8111-111111111111';

const chunk: ChunkFetched = {
  type: 'chunk.fetched',
  dataset: 'bsee.production',
  runId: uuid,
  taskId: uuid,
  attempt: 2,
  contentVersion: production.contentVersion,
  resource: 'mv_productionsum',
  chunk: 0,
  records: 2,
  header: ['PROD_YEAR', 'OIL_STB', 'GAS_MCF'],
  checksum: '',
};
const checksumOf = (body: string): string => checksumOfBytes(Buffer.from(body, 'latin1'));
const BODY = '"1989","280717909","4729179975"\r\n"2022","631979390",""\r\n';

describe('ParserModule', () => {
  let stage: TestStage<BatchParsed>;
  beforeAll(async () => {
    const module = ParserModule.register({ maxMessageBytes: 4096 });
    const [takes, gives] = [TOPICS.chunkFetched, TOPICS.batchParsed];
    stage = await TestStage.start({ name: 'parser', module, catalog, takes, gives, schema: batchParsedSchema });
  });
  afterAll(() => stage.stop());
  beforeEach(() => stage.forget());

  const send = (over: Partial<ChunkFetched> = {}, body = BODY): Promise<void> =>
    stage.send(encodeMessage({ ...chunk, checksum: checksumOf(body), ...over }, Buffer.from(body, 'latin1')));

  it('makes one batch of one chunk, under the same key', async () => {
    await send();
    await stage.until(() => stage.batches.length === 1);
    expect(stage.batches[0]).toMatchObject({
      key: 'key',
      meta: {
        dataset: 'bsee.production',
        attempt: 2,
        resource: 'mv_productionsum',
        chunk: 0,
        rows: 2,
        bytes: BODY.length,
        checksum: checksumOf(BODY),
      },
      body: '0\t0\t\\N\t1989\t280717909\t4729179975\n0\t1\t\\N\t2022\t631979390\t\\N\n',
    });
    expect(stage.batches[0]?.meta.summary).toEqual({
      columns: [expect.any(Number), expect.any(Number), expect.any(Number)],
    });
  });

  it('gives the same batch for a message that comes twice', async () => {
    await send();
    await send();
    await stage.until(() => stage.batches.length === 2);
    expect(stage.batches[1]).toEqual(stage.batches[0]);
  });

  it('tells the peak of its memory', async () => {
    await send({ runId: '22222222-2222-4222-8222-222222222222' });
    await stage.until(() => stage.events.length === 1);
    expect(stage.events[0]).toMatchObject({ type: 'process.peak', service: 'parser', instance: 'one' });
  });

  it('ends the attempt when the contract is frozen, and is done with the message', async () => {
    await send({ header: ['PROD_YEAR', 'OIL_BBL', 'GAS_MCF'] });
    await stage.until(() => stage.failures().length === 1);
    expect(stage.failures()[0]).toMatchObject({
      type: 'attempt.failed',
      runId: uuid,
      attempt: 2,
      stage: 'parser',
      failure: { code: 'column_missing', kind: 'terminal', message: expect.stringContaining('OIL_STB') },
    });
    expect([stage.batches, stage.deadLetters]).toEqual([[], []]);
  });

  it('ends the attempt when a batch would not fit into a message', async () => {
    await send(
      { resource: 'mv_productiondata', header: production.resources[0]?.columns.map(({ name }) => name), records: 1 },
      `"${'x'.repeat(5000)}"${',""'.repeat(9)}\r\n`,
    );
    await stage.until(() => stage.failures().length === 1);
    expect(stage.failures()[0]).toMatchObject({
      failure: { code: 'record_too_large', nextStep: expect.stringContaining('FRESHET_CHUNK_BYTES') },
    });
  });

  it.each([
    ['another version of the definition', { contentVersion: '0'.repeat(64) }, 'definition_unknown'],
    ['a dataset it does not know', { dataset: 'bsee.wells' }, 'definition_unknown'],
  ])('does not parse with %s', async (_, over, code) => {
    await send(over);
    await stage.until(() => stage.deadLetters.length === 1);
    expect(stage.deadLetters[0]?.headers['freshet-dead-letter-code']).toBe(code);
    expect([stage.batches, stage.failures()]).toEqual([[], []]);
  });

  it('sends what is not a chunk to the dead letters at once', async () => {
    await stage.send(Buffer.from('nonsense'));
    await stage.until(() => stage.deadLetters.length === 1);
    expect(stage.deadLetters[0]?.headers).toMatchObject({
      'freshet-dead-letter-code': 'message_invalid',
      'freshet-delivery-attempt': '1',
    });
  });

  it('does not parse bytes that are not those of the checksum', async () => {
    await send({ checksum: checksumOf('other') });
    await stage.until(() => stage.deadLetters.length === 1);
    expect(stage.deadLetters[0]?.headers['freshet-dead-letter-reason']).toContain('checksum');
  });
});

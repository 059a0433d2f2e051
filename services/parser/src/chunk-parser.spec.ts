import { createHash } from 'node:crypto';
import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { CATALOG, loadCatalog } from '@freshet/catalog';
import {
  batchParsedSchema,
  decodeMessage,
  encodeMessage,
  runEventSchema,
  TOPICS,
  type BatchParsed,
  type ChunkFetched,
  type RunEvent,
} from '@freshet/contracts';
import { silentLogger } from '@freshet/domain';
import { InProcessMessaging, MESSAGING, MessagingServer, type InboundMessage } from '@freshet/messaging';
import { INSTANCE, LOGGER } from '@freshet/runtime';
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
const checksumOf = (body: string): string => createHash('sha256').update(body, 'latin1').digest('hex');
const BODY = '"1989","280717909","4729179975"\r\n"2022","631979390",""\r\n';

describe('ParserModule', () => {
  const messaging = new InProcessMessaging({ groups: { [TOPICS.deadLetter]: ['test'] } });
  const batches: Array<{ meta: BatchParsed; body: string; key: string | null }> = [];
  const events: RunEvent[] = [];
  const deadLetters: InboundMessage[] = [];
  let close: () => Promise<void>;

  @Global()
  @Module({
    providers: [
      { provide: MESSAGING, useValue: messaging },
      { provide: CATALOG, useValue: catalog },
      { provide: LOGGER, useValue: silentLogger },
      { provide: INSTANCE, useValue: { service: 'parser', instance: 'one' } },
    ],
    exports: [MESSAGING, CATALOG, LOGGER, INSTANCE],
  })
  class Ports {}

  beforeAll(async () => {
    const testing = await Test.createTestingModule({
      imports: [Ports, ParserModule.register({ maxMessageBytes: 4096 })],
    }).compile();
    const app = testing.createNestApplication({ logger: false });
    const retry = { parser: { maxDeliveries: 2, retryDelayMs: { initial: 1, max: 1 } } };
    app.connectMicroservice({ strategy: new MessagingServer(messaging, { retry }) });
    const listen = (topic: string, handler: (message: InboundMessage) => void) =>
      messaging.subscribe({ topic, group: 'test', maxInFlight: 1 }, async (message) => handler(message));
    await listen(TOPICS.batchParsed, ({ key, value }) => {
      const { meta, body } = decodeMessage(batchParsedSchema, value);
      batches.push({ meta, body: body.toString(), key });
    });
    await listen(TOPICS.runEvents, ({ value }) => events.push(decodeMessage(runEventSchema, value).meta));
    await listen(TOPICS.deadLetter, (message) => deadLetters.push(message));
    await app.startAllMicroservices();
    close = () => app.close();
  });
  afterAll(() => close());
  beforeEach(() => {
    batches.length = events.length = deadLetters.length = 0;
  });

  const send = (over: Partial<ChunkFetched> = {}, body = BODY): Promise<void> =>
    messaging.publish({
      topic: TOPICS.chunkFetched,
      key: 'key',
      value: encodeMessage({ ...chunk, checksum: checksumOf(body), ...over }, Buffer.from(body, 'latin1')),
    });
  const eventually = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await new Promise((resolve) => setImmediate(resolve));
  };
  const failures = (): RunEvent[] => events.filter((event) => event.type === 'attempt.failed');

  it('makes one batch of one chunk, under the same key', async () => {
    await send();
    await eventually(() => batches.length === 1);
    expect(batches[0]).toMatchObject({
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
    expect(batches[0]?.meta.summary).toEqual({ columns: [expect.any(Number), expect.any(Number), expect.any(Number)] });
  });

  it('gives the same batch for a message that comes twice', async () => {
    await send();
    await send();
    await eventually(() => batches.length === 2);
    expect(batches[1]).toEqual(batches[0]);
  });

  it('tells the peak of its memory', async () => {
    await send({ runId: '22222222-2222-4222-8222-222222222222' });
    await eventually(() => events.length === 1);
    expect(events[0]).toMatchObject({ type: 'process.peak', service: 'parser', instance: 'one' });
  });

  it('ends the attempt when the contract is frozen, and is done with the message', async () => {
    await send({ header: ['PROD_YEAR', 'OIL_BBL', 'GAS_MCF'] });
    await eventually(() => failures().length === 1);
    expect(failures()[0]).toMatchObject({
      type: 'attempt.failed',
      runId: uuid,
      attempt: 2,
      stage: 'parser',
      failure: { code: 'column_missing', kind: 'terminal', message: expect.stringContaining('OIL_STB') },
    });
    expect([batches, deadLetters]).toEqual([[], []]);
  });

  it('ends the attempt when a batch would not fit into a message', async () => {
    await send(
      { resource: 'mv_productiondata', header: production.resources[0]?.columns.map(({ name }) => name), records: 1 },
      `"${'x'.repeat(5000)}"${',""'.repeat(9)}\r\n`,
    );
    await eventually(() => failures().length === 1);
    expect(failures()[0]).toMatchObject({
      failure: { code: 'record_too_large', nextStep: expect.stringContaining('FRESHET_CHUNK_BYTES') },
    });
  });

  it.each([
    ['another version of the definition', { contentVersion: '0'.repeat(64) }, 'definition_unknown'],
    ['a dataset it does not know', { dataset: 'bsee.wells' }, 'definition_unknown'],
  ])('does not parse with %s', async (_, over, code) => {
    await send(over);
    await eventually(() => deadLetters.length === 1);
    expect(deadLetters[0]?.headers['freshet-dead-letter-code']).toBe(code);
    expect([batches, failures()]).toEqual([[], []]);
  });

  it('sends what is not a chunk to the dead letters at once', async () => {
    await messaging.publish({ topic: TOPICS.chunkFetched, key: 'k', value: Buffer.from('nonsense') });
    await eventually(() => deadLetters.length === 1);
    expect(deadLetters[0]?.headers).toMatchObject({
      'freshet-dead-letter-code': 'message_invalid',
      'freshet-delivery-attempt': '1',
    });
  });

  it('does not parse bytes that are not those of the checksum', async () => {
    await send({ checksum: checksumOf('other') });
    await eventually(() => deadLetters.length === 1);
    expect(deadLetters[0]?.headers['freshet-dead-letter-reason']).toContain('checksum');
  });
});

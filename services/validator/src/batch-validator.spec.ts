import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { CATALOG, loadCatalog } from '@freshet/catalog';
import {
  batchValidatedSchema,
  decodeMessage,
  encodeMessage,
  runEventSchema,
  TOPICS,
  type BatchParsed,
  type BatchValidated,
  type RunEvent,
} from '@freshet/contracts';
import { silentLogger, storedName } from '@freshet/domain';
import { InProcessMessaging, MESSAGING, MessagingServer, type InboundMessage } from '@freshet/messaging';
import { INSTANCE, LOGGER } from '@freshet/runtime';
import { ValidatorModule } from './validator.module';

const catalog = loadCatalog();
const production = catalog.get('bsee.production');
const sums = production.resources.find((resource) => resource.name === 'mv_productionsum');
const uuid = '11111111-1111-4111-8111-111111111111';

const batch: BatchParsed = {
  type: 'batch.parsed',
  dataset: 'bsee.production',
  runId: uuid,
  taskId: uuid,
  attempt: 2,
  contentVersion: production.contentVersion,
  resource: 'mv_productionsum',
  chunk: 0,
  bytes: 60,
  checksum: 'abc',
  records: 2,
  rows: 2,
  columns: (sums?.columns ?? []).map(({ name, type }) => ({ name: storedName(name), type, published: name })),
  refused: [],
  notes: {},
  summary: null,
};
const BODY = '0\t0\t\\N\t1989\t1\t2\n0\t1\t\\N\t\\N\t3\t4\n';

describe('ValidatorModule', () => {
  const messaging = new InProcessMessaging({ groups: { [TOPICS.deadLetter]: ['test'] } });
  const batches: Array<{ meta: BatchValidated; body: string; key: string | null }> = [];
  const events: RunEvent[] = [];
  const deadLetters: InboundMessage[] = [];
  let close: () => Promise<void>;

  @Global()
  @Module({
    providers: [
      { provide: MESSAGING, useValue: messaging },
      { provide: CATALOG, useValue: catalog },
      { provide: LOGGER, useValue: silentLogger },
      { provide: INSTANCE, useValue: { service: 'validator', instance: 'one' } },
    ],
    exports: [MESSAGING, CATALOG, LOGGER, INSTANCE],
  })
  class Ports {}

  beforeAll(async () => {
    const testing = await Test.createTestingModule({
      imports: [Ports, ValidatorModule.register({ maxMessageBytes: 4096 })],
    }).compile();
    const app = testing.createNestApplication({ logger: false });
    const retry = { validator: { maxDeliveries: 2, retryDelayMs: { initial: 1, max: 1 } } };
    app.connectMicroservice({ strategy: new MessagingServer(messaging, { retry }) });
    const listen = (topic: string, handler: (message: InboundMessage) => void) =>
      messaging.subscribe({ topic, group: 'test', maxInFlight: 1 }, async (message) => handler(message));
    await listen(TOPICS.batchValidated, ({ key, value }) => {
      const { meta, body } = decodeMessage(batchValidatedSchema, value);
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

  const send = (over: Partial<BatchParsed> = {}, body = BODY): Promise<void> =>
    messaging.publish({
      topic: TOPICS.batchParsed,
      key: 'key',
      value: encodeMessage({ ...batch, ...over }, Buffer.from(body)),
    });
  const eventually = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await new Promise((resolve) => setImmediate(resolve));
  };

  it('makes one batch of one batch, under the same key, with what it refused', async () => {
    await send();
    await eventually(() => batches.length === 1);
    expect(batches[0]).toMatchObject({
      key: 'key',
      meta: {
        type: 'batch.validated',
        attempt: 2,
        records: 2,
        rows: 1,
        bytes: 60,
        checksum: 'abc',
        refused: [{ row: 1, column: 'PROD_YEAR', record: ',3,4' }],
      },
      body: '0\t0\t\\N\t1989\t1\t2\n',
    });
  });

  it('gives the same batch for a message that comes twice', async () => {
    await send();
    await send();
    await eventually(() => batches.length === 2);
    expect(batches[1]).toEqual(batches[0]);
  });

  it('ends the attempt when refused rows would not fit into a message', async () => {
    await send({}, `0\t0\t\\N\t\\N\t1\t${'9'.repeat(5000)}\n`);
    await eventually(() => events.some((event) => event.type === 'attempt.failed'));
    expect(events.find((event) => event.type === 'attempt.failed')).toMatchObject({
      stage: 'validator',
      failure: { code: 'record_too_large' },
    });
    expect(batches).toEqual([]);
  });

  it.each([
    ['another version of the definition', { contentVersion: '0'.repeat(64) }, BODY, 'definition_unknown'],
    ['a body that is not as agreed', {}, 'no end', 'message_invalid'],
  ])('sends %s to the dead letters', async (_, over, body, code) => {
    await send(over, body);
    await eventually(() => deadLetters.length === 1);
    expect(deadLetters[0]?.headers['freshet-dead-letter-code']).toBe(code);
    expect(batches).toEqual([]);
  });
});

import { loadCatalog } from '@freshet/catalog';
import { batchValidatedSchema, encodeMessage, TOPICS, type BatchParsed, type BatchValidated } from '@freshet/contracts';
import { storedName } from '@freshet/domain';
import { TestStage } from '@freshet/testing/stages';
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
  let stage: TestStage<BatchValidated>;
  beforeAll(async () => {
    const module = ValidatorModule.register({ maxMessageBytes: 4096 });
    const [takes, gives] = [TOPICS.batchParsed, TOPICS.batchValidated];
    stage = await TestStage.start({ name: 'validator', module, catalog, takes, gives, schema: batchValidatedSchema });
  });
  afterAll(() => stage.stop());
  beforeEach(() => stage.forget());

  const send = (over: Partial<BatchParsed> = {}, body = BODY): Promise<void> =>
    stage.send(encodeMessage({ ...batch, ...over }, Buffer.from(body)));

  it('makes one batch of one batch, under the same key, with what it refused', async () => {
    await send();
    await stage.until(() => stage.batches.length === 1);
    expect(stage.batches[0]).toMatchObject({
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
    await stage.until(() => stage.batches.length === 2);
    expect(stage.batches[1]).toEqual(stage.batches[0]);
  });

  it('ends the attempt when refused rows would not fit into a message', async () => {
    await send({}, `0\t0\t\\N\t\\N\t1\t${'9'.repeat(5000)}\n`);
    await stage.until(() => stage.failures().length === 1);
    expect(stage.failures()[0]).toMatchObject({
      stage: 'validator',
      failure: { code: 'record_too_large' },
    });
    expect(stage.batches).toEqual([]);
  });

  it.each([
    ['another version of the definition', { contentVersion: '0'.repeat(64) }, BODY, 'definition_unknown'],
    ['a body that is not as agreed', {}, 'no end', 'message_invalid'],
  ])('sends %s to the dead letters', async (_, over, body, code) => {
    await send(over, body);
    await stage.until(() => stage.deadLetters.length === 1);
    expect(stage.deadLetters[0]?.headers['freshet-dead-letter-code']).toBe(code);
    expect(stage.batches).toEqual([]);
  });
});

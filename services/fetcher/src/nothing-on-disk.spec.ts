import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Catalog, loadCatalog } from '@freshet/catalog';
import { encodeMessage, TOPICS } from '@freshet/contracts';
import { silentLogger } from '@freshet/domain';
import { writeSimulatedDefinitions } from '@freshet/testing/processes';
import { startBseePublisher, type BseePublisher } from '@freshet/testing/publishers';
import { FetchJobs } from './jobs/fetch-jobs';
import { DEFAULT_OPTIONS } from './options';
import { eventually, FakeBroker, FakeWorker, RUN, spec, TASK } from './testing/parts';

/** Whether a call of an `open` asks for more than reading. */
const toWrite = ([, flags]: readonly unknown[]): boolean => flags !== undefined && flags !== 'r' && flags !== 0;

describe('a fetch', () => {
  const folder = fs.mkdtempSync(join(tmpdir(), 'freshet-disk-'));
  let publisher: BseePublisher;
  let catalog: Catalog;
  beforeAll(async () => {
    publisher = await startBseePublisher({ scale: 'tiny' });
    // The publisher's own files are made before anybody looks.
    await publisher.prepare();
    writeSimulatedDefinitions(folder, publisher);
    catalog = new Catalog(loadCatalog({ extraFolder: folder }).find('bsee'));
  });
  afterAll(async () => {
    await publisher.close();
    fs.rmSync(folder, { recursive: true });
  });
  afterEach(() => jest.restoreAllMocks());

  it.each(['bsee.well', 'bsee.production', 'bsee.war'])('of %s writes nothing to disk', async (dataset) => {
    const real = jest.requireActual<typeof fs>('node:fs');
    const opens = [jest.spyOn(real, 'open'), jest.spyOn(real, 'openSync'), jest.spyOn(real.promises, 'open')];
    const writes = [
      jest.spyOn(real, 'createWriteStream'),
      jest.spyOn(real, 'writeFile'),
      jest.spyOn(real, 'writeFileSync'),
      jest.spyOn(real, 'appendFile'),
      jest.spyOn(real, 'mkdtemp'),
      jest.spyOn(real.promises, 'writeFile'),
      jest.spyOn(real.promises, 'mkdtemp'),
    ];
    const [worker, broker] = [new FakeWorker(), new FakeBroker()];
    const who = { service: 'fetcher', instance: 'x' };
    const jobs = new FetchJobs(worker, broker, catalog, DEFAULT_OPTIONS, who, silentLogger);
    const { id, contentVersion } = catalog.get(dataset);
    worker.spec = spec({ dataset: id, contentVersion });
    const of = { dataset: id, runId: RUN, taskId: TASK, attempt: 1, contentVersion };
    const meta = { type: 'fetch.requested', ...of } as const;
    const place = { partition: 0, offset: '0', delivery: 1, headers: {}, signal: new AbortController().signal };
    await jobs.handle({ topic: TOPICS.fetchRequested, key: TASK, value: encodeMessage(meta), ...place });
    await eventually('the job to end', () => jobs.downloads === 0);
    await jobs.stop();

    expect(worker.completed).toMatchObject([{ outcome: 'fetched' }]);
    expect(broker.chunks.length).toBeGreaterThan(0);
    expect(writes.flatMap(({ mock }) => mock.calls as unknown[][])).toEqual([]);
    expect(opens.flatMap(({ mock }) => mock.calls as unknown[][]).filter(toWrite)).toEqual([]);
  });
});

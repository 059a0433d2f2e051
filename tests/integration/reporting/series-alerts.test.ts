import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { Catalog, loadCatalog } from '@freshet/catalog';
import { createRuns, openDatabase, startBackfillRun, type Database } from '@freshet/database';
import { runId, silentLogger, taskId } from '@freshet/domain';
import { Alerter, DEFAULT_SETTINGS } from '@freshet/reporter-service';
import { startPostgres, type RunningPostgres } from '@freshet/testing';
import { Hourly } from '../timeseries/hourly';

const DEMAND = loadCatalog().get('eia.demand');
const MINUTE = 60_000;

describe('alerts about a time series', () => {
  jest.setTimeout(120_000);
  let postgres: RunningPostgres;
  let database: Database;
  let alerter: Alerter;
  let hourly: Hourly;
  let now: Date;
  /** The full hour before the test began. */
  let noon: Date;

  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    database = await openDatabase(await postgres.createDatabase('series_alerts'));
    hourly = new Hourly(database);
    noon = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000);
    now = new Date(noon.getTime() + 15 * MINUTE);
    alerter = new Alerter(database, new Catalog([DEMAND]), { now: () => now }, DEFAULT_SETTINGS, silentLogger);
    await createRuns(database, [
      {
        runId: runId(randomUUID()),
        taskId: taskId(randomUUID()),
        dataset: DEMAND.id,
        trigger: 'schedule',
        idempotencyKey: randomUUID(),
        force: false,
        file: null,
        contentVersion: DEMAND.contentVersion,
        concurrency: 'forbid',
      },
    ]);
    await end('unchanged');
  });
  afterEach(() => database.close());

  const end = (state: string): Promise<number> =>
    database.execute(`UPDATE freshet.run SET state = $1, ended_at = clock_timestamp() WHERE ended_at IS NULL`, [state]);
  const at = (hours: number): Date => new Date(noon.getTime() + hours * 60 * MINUTE);
  const text = (hours: number): string => `${at(hours).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  /** What a merge writes, when the newest hour of a respondent ended `hours` after the full hour. */
  const data = async (respondent: string, hours: number): Promise<void> => {
    const id = await hourly.series({ dataset: DEMAND.id, name: `${respondent}.demand`, respondent, kind: 'demand' });
    await hourly.put(id, at(hours - 1).toISOString(), ['1']);
  };
  const confirm = (hours: number): Promise<number> =>
    database.execute('UPDATE freshet.dataset SET confirmed_at = $2 WHERE id = $1', [DEMAND.id, at(hours)]);
  /** Everything told so far, after several looks. */
  const told = async (): Promise<string[]> => {
    for (let looks = 0; looks < 3; looks += 1) await alerter.lookAtAll();
    const rows = await database.query<{ kind: string; message: string }>(
      `SELECT kind, event -> 'data' ->> 'message' AS message FROM freshet.notification ORDER BY created_at`,
    );
    return rows.map(({ kind, message }) => `${kind}: ${message}`);
  };

  it('say once until when there is data, and once that it is fresh again', async () => {
    await data('PJM', 0);
    await data('MISO', -1);
    await confirm(0);
    expect(await told()).toEqual([]);
    now = at(1.9);
    expect(await told()).toEqual([]);
    now = at(2);
    const stale = `stale: eia.demand has data until ${text(-1)}, more than 3 h ago: 2 h past the 1 h that its publisher normally needs`;
    expect(await told()).toEqual([stale]);
    // Some of it has come: not enough.
    now = at(4);
    await data('MISO', 0);
    await confirm(1);
    expect(await told()).toEqual([stale]);
    await data('PJM', 3);
    await data('MISO', 3);
    await confirm(4);
    const fresh = `recovered: eia.demand is fresh again, with data until ${text(3)}, after stale`;
    expect(await told()).toEqual([stale, fresh]);
    now = at(6);
    expect(await told()).toEqual([
      stale,
      fresh,
      `stale: eia.demand has data until ${text(3)}, more than 3 h ago: 2 h past the 1 h that its publisher normally needs`,
    ]);
    const [event] = await database.query<{ data: object }>(
      `SELECT event -> 'data' AS data FROM freshet.notification ORDER BY created_at`,
    );
    expect(event?.data).toMatchObject({
      dataUntil: at(-1).toISOString(),
      confirmedAt: at(0).toISOString(),
      maxAgeSeconds: 7200,
    });
  });

  it('say that nobody looked when the publisher is not late', async () => {
    await data('PJM', 0);
    await database.execute('UPDATE freshet.dataset SET confirmed_at = $1', [at(0.25)]);
    now = at(2.25);
    expect(await told()).toEqual([
      `stale: eia.demand was last confirmed at ${at(0.25).toISOString()}, more than 2 h ago; it has data until ${text(0)}`,
    ]);
  });

  it('say that there is none when nothing ever came', async () => {
    await database.execute('UPDATE freshet.dataset SET created_at = $1', [at(-2)]);
    expect(await told()).toEqual(['stale: eia.demand has no data yet, more than 2 h after it was first asked for']);
  });

  it('are not made by backfill', async () => {
    await data('PJM', 0);
    await confirm(0);
    await startBackfillRun(database, {
      definition: DEMAND,
      window: { from: at(-48), to: at(-24) },
      only: ['PJM'],
      idempotencyKey: 'b',
    });
    await end('failed');
    expect(await told()).toEqual([]);
  });
});

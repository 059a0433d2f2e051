import { createHash } from 'node:crypto';
import { tableFromIPC } from 'apache-arrow';
import { loadCatalog } from '@freshet/catalog';
import type { DatasetView, ObservationView, PageView } from '@freshet/contracts';
import { ensureMonths, monthsBetween, openDatabase, storeCheckOutcomes, type Database } from '@freshet/database';
import { startPostgres, type RunningPostgres } from '@freshet/testing';
import { parse } from 'csv-parse/sync';
import { parquetReadObjects } from 'hyparquet';
import request from 'supertest';
import { Coordinator } from '../coordinator/world';
import { MergedSeries, hourAfter, type MergedRun } from './merged';

const FROM = '2026-10-31T20:00:00.000Z';
const FIRST_SEEN = '2026-11-01T12:15:07.000Z';
const REVISED = '2026-11-02T12:15:07.000Z';
/** As publishers write them; one crosses into the next month's partition. */
const PJM = ['90000', '89123.5', '.3', '-.21', '1263.6001', null, '12345678901234567890.123456789', '88000.10'];
const EXACT = ['90000', '89123.5', '0.3', '-0.21', '1263.6001', null, '12345678901234567890.123456789', '88000.10'];

describe('time series over HTTP', () => {
  jest.setTimeout(180_000);
  let postgres: RunningPostgres;
  let database: Database;
  let coordinator: Coordinator;
  let first: MergedRun;
  let second: MergedRun;

  beforeAll(async () => {
    postgres = await startPostgres();
    database = await openDatabase(await postgres.createDatabase('timeseries_api'));
    const stored = new MergedSeries(database);
    await ensureMonths(database, monthsBetween(new Date(FROM), new Date('2026-12-01T00:00:00Z')));
    for (const [dataset, name, kind] of [
      ['eia.demand', 'PJM.demand', 'demand'],
      ['eia.demand', 'CISO.demand', 'demand'],
      ['eia.net-generation', 'CISO.net-generation', 'net-generation'],
      ['eia.fuel-mix', 'CISO.fuel.NG', 'fuel'],
      ['eia.interchange', 'ERCO-SWPP.interchange', 'interchange'],
      ['eia.forecast', 'TWICE.demand', 'demand'],
    ] as const)
      await stored.series(dataset, name, { kind });
    await stored.series('eia.demand', 'TWICE.demand');
    await stored.series('eia.demand', 'US48.demand', { aggregate: true });
    const to = hourAfter(FROM, 8);
    first = await stored.run('eia.demand', FIRST_SEEN, FROM, to, ['PJM', 'CISO']);
    second = await stored.run('eia.demand', REVISED, FROM, to, ['PJM']);
    await stored.values(first, 'eia.demand', 'PJM.demand', FROM, PJM);
    await stored.values(first, 'eia.demand', 'CISO.demand', FROM, ['22497', '22319']);
    await stored.values(first, 'eia.fuel-mix', 'CISO.fuel.NG', FROM, ['11294']);
    await stored.revise(second, 'eia.demand', 'PJM.demand', hourAfter(FROM, 1), '89124.25');
    await stored.revise(second, 'eia.demand', 'PJM.demand', hourAfter(FROM, 5), '87000');
    coordinator = await Coordinator.start({ database, definitions: loadCatalog().all() });
  });
  afterAll(async () => {
    await coordinator.stop();
    await database.close();
    await postgres.stop();
  });

  const get = (path: string, accept?: string) => {
    const asked = request(coordinator.url).get(`/api/v1/${path}`);
    return accept === undefined ? asked : asked.set('accept', accept);
  };
  const binary = (path: string, accept: string) =>
    get(path, accept)
      .buffer(true)
      .parse((response, done) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => done(null, Buffer.concat(parts)));
      })
      .expect(200);
  const values = (body: unknown): Array<string | null> =>
    (body as PageView<ObservationView>).items.map(({ value }) => value);
  const WITHOUT_REVISIONS = 'observations?series=PJM.demand&as-of=2026-11-01T13:00:00Z';

  describe('GET series', () => {
    it('lists them by dataset and name, with their extent, and by respondent in any of its names', async () => {
      const { body } = await get('series?dataset=eia.demand').expect(200);
      expect(body.items.map(({ name }: { name: string }) => name)).toEqual([
        'CISO.demand',
        'PJM.demand',
        'TWICE.demand',
        'US48.demand',
      ]);
      expect(body.next).toBeNull();
      expect(body.items[1]).toEqual({
        dataset: 'eia.demand',
        name: 'PJM.demand',
        respondent: 'PJM',
        aggregate: false,
        kind: 'demand',
        unit: 'MWh',
        codes: { respondent: 'PJM' },
        resolutionSeconds: 3600,
        firstStartsAt: FROM,
        lastEndsAt: hourAfter(FROM, 8),
      });
      expect(body.items[3]).toMatchObject({ aggregate: true, firstStartsAt: null, lastEndsAt: null });
      const { body: caiso } = await get('series?respondent=CAISO').expect(200);
      expect(caiso.items.map(({ dataset, name }: Record<string, string>) => `${dataset} ${name}`)).toEqual([
        'eia.demand CISO.demand',
        'eia.fuel-mix CISO.fuel.NG',
        'eia.net-generation CISO.net-generation',
      ]);
      expect((await get('series?kind=fuel')).body.items).toHaveLength(1);
    });

    it('goes on from a cursor, and comes as CSV too', async () => {
      const names: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const { body } = await get(`series?limit=3${cursor && `&cursor=${cursor}`}`).expect(200);
        names.push(...body.items.map(({ name }: { name: string }) => name));
        cursor = body.next as string | null;
      }
      expect(names).toHaveLength(8);
      const { text } = await get('series', 'text/csv').expect(200);
      expect(parse(text, { columns: true }).map((row) => (row as { series: string }).series)).toEqual(names);
    });

    it('says when a respondent is nobody', async () => {
      expect((await get('series?respondent=CAISOO').expect(404)).body.error).toMatch(/no respondent "CAISOO"/);
    });
  });

  describe('GET observations', () => {
    it('gives exact values, their quality, and how often they were revised', async () => {
      const { body, headers } = await get('observations?series=PJM.demand').expect(200);
      expect(headers['content-type']).toMatch(/^application\/json/);
      expect(headers['vary']).toContain('Accept');
      const expected = [...EXACT];
      [expected[1], expected[5]] = ['89124.25', '87000'];
      expect(values(body)).toEqual(expected);
      expect(body.items[1]).toEqual({
        series: 'PJM.demand',
        startsAt: hourAfter(FROM, 1),
        endsAt: hourAfter(FROM, 2),
        value: '89124.25',
        unit: 'MWh',
        quality: 'good',
        correctedStartsAt: null,
        firstSeen: FIRST_SEEN,
        revisions: 1,
      });
      expect(body.next).toBeNull();
    });

    it('answers as of an earlier instant from the revisions', async () => {
      const { body } = await get(WITHOUT_REVISIONS).expect(200);
      expect(values(body)).toEqual(EXACT);
      expect(body.items[5]).toMatchObject({ quality: 'missing', revisions: 0 });
      expect(values((await get('observations?series=PJM.demand&as-of=2026-11-01')).body)).toEqual([]);
    });

    it('takes interval starts half-open, in UTC, as instants or dates', async () => {
      const starts = async (query: string): Promise<string[]> =>
        (
          (await get(`observations?series=PJM.demand&${query}`).expect(200)).body as PageView<ObservationView>
        ).items.map(({ startsAt }) => startsAt.slice(8, 13));
      expect(await starts('to=2026-11-01')).toEqual(['31T20', '31T21', '31T22', '31T23']);
      expect(await starts('from=2026-11-01')).toEqual(['01T00', '01T01', '01T02', '01T03']);
      expect(await starts('from=2026-10-31T18:00:00-04:00&to=2026-10-31T23:00:00Z')).toEqual(['31T22']);
    });

    it('accepts the names people use, several series, or a whole dataset', async () => {
      const { body } = await get('observations?series=CAISO.demand,PJM.demand&limit=3&from=2026-10-31').expect(200);
      expect((body as PageView<ObservationView>).items.map(({ series }) => series)).toEqual([
        'PJM.demand',
        'PJM.demand',
        'PJM.demand',
      ]);
      expect(values((await get('observations?series=caiso.demand')).body)).toEqual(['22497', '22319']);
      expect(values((await get('observations?series=CAISO.demand&series=CISO.demand')).body)).toHaveLength(2);
      expect(values((await get('observations?dataset=eia.demand')).body)).toHaveLength(10);
      const acrossDatasets = 'observations?series=CISO.demand,CAISO.fuel.NG';
      expect(values((await get(acrossDatasets)).body)).toEqual(['22497', '22319', '11294']);
    });

    it('walks through pages with a cursor, in JSON by its body and otherwise by its headers', async () => {
      const seen: Array<string | null> = [];
      let path: string | null = 'observations?series=PJM.demand,CISO.demand&limit=4';
      for (let page = 0; path !== null && page < 9; page++) {
        const { body }: { body: PageView<ObservationView> } = await get(path).expect(200);
        seen.push(...values(body));
        path = body.next && `observations?series=PJM.demand,CISO.demand&limit=3&cursor=${body.next}`;
      }
      const { body: whole } = await get('observations?series=PJM.demand,CISO.demand').expect(200);
      expect(seen).toEqual(values(whole));

      const lines: string[] = [];
      let next = '?series=CISO.demand,PJM.demand&limit=4&format=csv';
      for (let page = 0; page < 9 && next !== ''; page++) {
        const { text, headers } = await get(`observations${next}`).expect(200);
        lines.push(...text.split('\r\n').slice(1, -1));
        const [, link = ''] = /^<(.+)>; rel="next"$/.exec(headers['link'] ?? '') ?? [];
        expect(headers['freshet-next-cursor']).toBe(new URLSearchParams(link).get('cursor') ?? undefined);
        next = link;
      }
      expect(lines.map((line) => line.split(',')[3])).toEqual(values(whole).map((value) => value ?? ''));
    });

    it('refuses a cursor of another request, and one that is made up', async () => {
      const { body } = await get('observations?series=PJM.demand&limit=1').expect(200);
      const other = await get(`observations?series=CISO.demand&cursor=${body.next}`).expect(400);
      expect(other.body.error).toContain('it belongs to another request');
      await get('observations?series=PJM.demand&cursor=abc').expect(400);
      await get(`observations?series=PJM.demand&limit=5&cursor=${body.next}`).expect(200);
    });

    it('reports all mistakes of a request together', async () => {
      const { body } = await get('observations?from=1.1.2026&to=x&limit=many&colour=red').expect(400);
      expect(body.details).toHaveLength(5);
      expect(body.details.join('\n')).toMatch(/from: .*\nto: .*\nlimit: .*\nquery: .*colour.*\nseries: name series/);
      expect((await get('observations?series=PJM.demand&limit=10001').expect(400)).body.error).toContain('10000');
      await get('observations?series=PJM.demand&limit=10001', 'text/csv').expect(200);
    });

    it('knows near names of a series that is not there, and names datasets that share one', async () => {
      const { body } = await get('observations?series=PJM.demnd,CAISO.fuel.NUC').expect(404);
      expect(body.details).toEqual([
        expect.stringMatching(/no series "PJM.demnd"; did you mean PJM.demand/),
        expect.stringMatching(/no series "CAISO.fuel.NUC"; did you mean CISO.fuel.NG/),
      ]);
      expect((await get('observations?series=TWICE.demand').expect(400)).body.error).toContain(
        'TWICE.demand is in eia.demand and eia.forecast; name the dataset as well',
      );
      await get('observations?series=TWICE.demand&dataset=eia.demand').expect(200);
      await get('observations?dataset=eia.demnd').expect(404);
      expect((await get('observations?dataset=bsee.well').expect(400)).body.error).toContain('is no time series');
    });
  });

  describe('formats', () => {
    it('are chosen by Accept with its quality values, or by ?format=', async () => {
      const typeOf = async (accept: string, query = ''): Promise<string> =>
        (await get(`observations?series=CISO.demand${query}`, accept).expect(200)).headers['content-type'] ?? '';
      expect(await typeOf('*/*')).toMatch('application/json');
      expect(await typeOf('text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8')).toMatch(
        'application/json',
      );
      expect(await typeOf('application/json;q=0.5, text/csv')).toBe('text/csv; charset=utf-8; header=present');
      expect(await typeOf('application/vnd.apache.parquet;q=0.4, application/vnd.apache.arrow.stream;q=0.6')).toBe(
        'application/vnd.apache.arrow.stream',
      );
      expect(await typeOf('text/csv;q=0, application/json;q=0.1')).toMatch('application/json');
      expect(await typeOf('application/json', '&format=csv')).toMatch('text/csv');
    });

    it('that are not there are answered with those that are', async () => {
      const { body } = await get('observations?series=CISO.demand', 'application/xml').expect(406);
      expect(body.error).toBe(
        'this can be answered as application/json, text/csv, application/vnd.apache.arrow.stream, application/vnd.apache.parquet; Accept names none of them',
      );
      await get('observations?series=CISO.demand', 'text/csv;q=0').expect(406);
      await get('observations?series=CISO.demand&format=xml').expect(400);
    });

    it('carry the same exact values: CSV', async () => {
      const { text, headers } = await get(WITHOUT_REVISIONS, 'text/csv').expect(200);
      expect(headers['content-disposition']).toBe('attachment; filename="observations.csv"');
      const rows = parse(text, { columns: true, record_delimiter: '\r\n' }) as Array<Record<string, string>>;
      expect(Object.keys(rows[0] ?? {})).toEqual(
        'series,starts_at,ends_at,value,unit,quality,corrected_starts_at,first_seen,revisions'.split(','),
      );
      expect(rows.map(({ value }) => value)).toEqual(EXACT.map((value) => value ?? ''));
      expect(rows[5]).toMatchObject({ quality: 'missing', starts_at: hourAfter(FROM, 5), corrected_starts_at: '' });
    });

    it('carry the same exact values: Arrow', async () => {
      const { body, headers } = await binary(WITHOUT_REVISIONS, 'application/vnd.apache.arrow.stream');
      expect(Number(headers['content-length'])).toBe((body as Buffer).length);
      const table = tableFromIPC(body as Buffer);
      const column = (name: string): unknown[] => [...(table.getChild(name) ?? [])];
      expect(column('value_text')).toEqual(EXACT);
      expect(column('value')).toEqual(EXACT.map((value) => (value === null ? null : Number(value))));
      expect(column('starts_at').map(Number)).toEqual(EXACT.map((_, hour) => Date.parse(hourAfter(FROM, hour))));
      expect(new Set(column('series'))).toEqual(new Set(['PJM.demand']));
    });

    it('carry the same exact values: Parquet', async () => {
      const { body } = await binary(WITHOUT_REVISIONS, 'application/vnd.apache.parquet');
      const bytes = body as Buffer;
      const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
      const rows = await parquetReadObjects({ file });
      expect(rows.map(({ value_text }) => value_text)).toEqual(EXACT);
      expect(rows.map(({ starts_at }) => (starts_at as Date).toISOString())).toEqual(
        EXACT.map((_, hour) => hourAfter(FROM, hour)),
      );
    });
  });

  describe('GET checks', () => {
    it('gives the newest first, by dataset and run, page by page', async () => {
      const found = (name: string, failed: number) => ({
        name,
        kind: 'negative',
        severity: 'suspect' as const,
        evaluated: 120,
        failed,
        held: false,
        examples: failed === 0 ? [] : [{ series: 'PJM.demand', startsAt: FROM, value: '-0.21', detail: 'below zero' }],
      });
      const window = { from: new Date(FROM), to: new Date(hourAfter(FROM, 8)) };
      await storeCheckOutcomes(database, 'eia.demand', { ...window, runId: first.runId }, [found('negative', 1)]);
      await storeCheckOutcomes(database, 'eia.fuel-mix', { ...window, runId: null }, [found('sum', 0)]);
      const { body } = await get('checks').expect(200);
      expect(body.items.map(({ name, runId }: Record<string, unknown>) => [name, runId])).toEqual([
        ['sum', null],
        ['negative', first.runId],
      ]);
      expect(body.items[1]).toMatchObject({
        dataset: 'eia.demand',
        from: FROM,
        evaluated: 120,
        failed: 1,
        examples: [{ series: 'PJM.demand', value: '-0.21' }],
      });
      const page = await get('checks?limit=1').expect(200);
      const rest = await get(`checks?limit=1&cursor=${page.body.next}`).expect(200);
      expect([...page.body.items, ...rest.body.items]).toEqual(body.items);
      expect(rest.body.next).toBeNull();
      expect((await get(`checks?run=${first.runId}`)).body.items).toEqual([body.items[1]]);
      expect((await get('checks?dataset=eia.fuel-mix')).body.items).toEqual([body.items[0]]);
      expect((await get('checks?dataset=eia.fuel-mix&format=csv')).text.split('\r\n')[1]).toMatch(
        /,eia.fuel-mix,,sum,/,
      );
      await get('checks?run=00000000-0000-4000-8000-000000000000').expect(404);
      await get('checks?run=1').expect(400);
    });
  });

  it('stand in the list of datasets with their extent', async () => {
    const { body } = await get('datasets/eia.forecast').expect(200);
    expect(body).toMatchObject({ rows: 0, timeseries: { series: 1, dataUntil: null, checks: null } });
    await storeCheckOutcomes(
      database,
      'eia.interchange',
      { runId: null, from: new Date(FROM), to: new Date(hourAfter(FROM, 1)) },
      (loadCatalog().get('eia.interchange').timeseries?.checks ?? []).map(({ name, kind, severity }, index) => ({
        ...{ name, kind, severity, evaluated: 5, failed: index === 0 ? 1 : 0, held: false, examples: [] },
      })),
    );
    const { timeseries } = (await get('datasets/eia.interchange').expect(200)).body as DatasetView;
    const { made = 0, ...found } = timeseries?.checks ?? {};
    expect(made).toBeGreaterThan(1);
    expect(Object.values(found).reduce((sum, number) => sum + number, 0)).toBe(1);
    const demand = (await get('datasets/eia.demand').expect(200)).body as DatasetView;
    expect(demand.timeseries?.dataUntil).toBe(hourAfter(FROM, 8));
    expect((await get('datasets/bsee.well').expect(200)).body.timeseries).toBeNull();
  });

  describe('GET lineage', () => {
    it('leads from a value to its run, request and row, and to what it replaced', async () => {
      const { body } = await get('lineage?series=PJM.demand&time=2026-10-31T21:30:00Z').expect(200);
      expect(body).toMatchObject({ dataset: 'eia.demand', series: 'PJM.demand', startsAt: hourAfter(FROM, 1) });
      expect(body.steps).toEqual([
        expect.objectContaining({
          value: '89124.25',
          seenAt: REVISED,
          runId: second.runId,
          taskId: second.taskId,
          contentVersion: 'version-1',
          chunk: 0,
          row: 7,
          request: second.request,
          source: '{"value": "89124.25"}',
        }),
        expect.objectContaining({ value: '89123.5', seenAt: FIRST_SEEN, runId: first.runId, row: 1 }),
      ]);
      expect(body.lastConfirmed).toEqual({ at: REVISED, runId: second.runId });
      await get('lineage?series=CAISO.demand&time=2026-10-31T20:00:00Z').expect(200);
    });

    it('says what is stored when nothing is at that time', async () => {
      const { body } = await get('lineage?series=PJM.demand&time=2026-11-09').expect(404);
      expect(body).toEqual({
        error: 'PJM.demand has no observation at 2026-11-09T00:00:00.000Z',
        nextStep: expect.stringContaining(`from ${FROM} to ${hourAfter(FROM, 8)}`),
      });
      await get('lineage?series=PJM.demand').expect(400);
      await get('lineage?series=PJM.demnd&time=2026-11-09').expect(404);
    });
  });

  it('reads many rows piece by piece, and gives all of them in order', async () => {
    const many = new MergedSeries(database);
    await many.series('eia.demand', 'MISO.demand');
    const run = await many.run('eia.demand', FIRST_SEEN, '2010-01-01', '2012-07-01', ['MISO']);
    await ensureMonths(database, monthsBetween(new Date('2010-01-01'), new Date('2012-07-01')));
    const all = Array.from({ length: 21_000 }, (_, hour) => `${hour}.5`);
    await many.values(run, 'eia.demand', 'MISO.demand', '2010-01-01T00:00:00Z', all);
    const { text, headers } = await get('observations?series=MISO.demand', 'text/csv').expect(200);
    expect(headers['link']).toBeUndefined();
    const hash = (list: readonly string[]): string => createHash('sha256').update(list.join()).digest('hex');
    const got = text.split('\r\n').slice(1, -1);
    expect(got).toHaveLength(21_000);
    expect(hash(got.map((line) => line.split(',')[3] ?? ''))).toBe(hash(all));
    const page = await get('observations?series=MISO.demand&limit=20500', 'text/csv').expect(200);
    expect(page.text.split('\r\n').slice(1, -1)).toHaveLength(20_500);
    const rest = await get(`observations?series=MISO.demand&cursor=${page.headers['freshet-next-cursor']}`).expect(200);
    expect(values(rest.body)).toEqual(all.slice(20_500));
  });
});

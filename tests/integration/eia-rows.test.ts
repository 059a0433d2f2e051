/** Rows of the EIA on their way: fetched page by page, cut, parsed and validated, to the last digit. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadCatalog } from '@freshet/catalog';
import {
  columnRenderer,
  publishedRow,
  readVerbatim,
  splitLine,
  type ChunkFetched,
  type RefusedRecord,
} from '@freshet/contracts';
import { silentLogger, systemClock, type DatasetDefinition } from '@freshet/domain';
import { CONNECTORS, type ConnectorTask } from '@freshet/fetcher-service';
import { HttpClient } from '@freshet/publisher';
import { parseChunk } from '@freshet/parser-service';
import { startEiaPublisher, type EiaPublisher, type EiaRoute } from '@freshet/testing/publishers';
import { validateBatch } from '@freshet/validator-service';
import { parse as parseCsv } from 'csv-parse/sync';

const RESPONDENTS = ['CISO', 'ERCO', 'MISO', 'PJM', 'SWPP'];
const catalog = loadCatalog();
const uuid = '11111111-1111-4111-8111-111111111111';

interface Row {
  /** As it is stored, by stored name. */
  readonly stored: Readonly<Record<string, string | null>>;
  /** As it was published, by published name. */
  readonly published: Readonly<Record<string, string>>;
}

interface Passed {
  readonly rows: Row[];
  readonly refused: RefusedRecord[];
  readonly notes: Record<string, number>;
}

/** All stages before the loader, chunk by chunk. */
async function pass(
  eia: EiaPublisher,
  id: string,
  route: EiaRoute,
  window: { from: string; to: string },
): Promise<Passed> {
  const built = catalog.get(id);
  const access = [{ kind: 'api', url: eia.dataUrl(route) }] as const;
  const paging = built.paging && { ...built.paging, pageSize: 100 };
  const definition: DatasetDefinition = { ...built, access, paging, allowPrivateHosts: eia.hosts };
  const http = new HttpClient({ allowPrivateHosts: eia.hosts, timeouts: definition.timeouts });
  const passed: Passed = { rows: [], refused: [], notes: {} };
  const { contentVersion } = definition;
  const task: ConnectorTask = {
    ...{ definition, http, secret: 'any key will do', logger: silentLogger, clock: systemClock, localFiles: false },
    spec: { dataset: id, contentVersion, force: false, file: null, validators: {}, tries: 1, window },
    signal: new AbortController().signal,
    chunkBytes: 4096,
    permit: async () => undefined,
    coolDown: async () => undefined,
    emit: async (resource, { index, records, checksum, header, body }) => {
      const origin = { dataset: id, runId: uuid, taskId: uuid, attempt: 1, contentVersion, resource, chunk: index };
      const chunk: ChunkFetched = { type: 'chunk.fetched', ...origin, records, checksum, header: [...header] };
      const parsed = parseChunk(definition, chunk, body);
      if (parsed.kind === 'failed') throw new Error(`${parsed.failure.code}: ${parsed.failure.message}`);
      const validated = validateBatch(definition, parsed.meta, parsed.body);
      take(definition, validated, passed);
    },
    progress: { bytesReceived: 0, bytesExpected: 0 },
  };
  try {
    await CONNECTORS[definition.connector].fetch(task);
  } finally {
    http.close();
  }
  return passed;
}

function take(definition: DatasetDefinition, { meta, body }: ReturnType<typeof validateBatch>, passed: Passed): void {
  const renderers = meta.columns.map(({ type }) => columnRenderer(type, definition.resources[0]?.dateFormats ?? []));
  for (const line of Buffer.concat(body).toString('utf8').split('\n').slice(0, -1)) {
    const [, , verbatim = null, ...stored] = splitLine(line);
    const texts = publishedRow(meta.columns, renderers, stored, readVerbatim(verbatim));
    passed.rows.push({
      stored: Object.fromEntries(meta.columns.map(({ name }, index) => [name, stored[index] ?? null])),
      published: Object.fromEntries(meta.columns.map(({ published }, index) => [published, texts[index] ?? ''])),
    });
  }
  passed.refused.push(...meta.refused);
  for (const [note, count] of Object.entries(meta.notes)) passed.notes[note] = (passed.notes[note] ?? 0) + count;
}

describe('real rows of July 2022', () => {
  let eia: EiaPublisher;
  beforeAll(async () => {
    eia = await startEiaPublisher({ replay: 'only' });
  });
  afterAll(() => eia.stop());

  /** Rows of the recorded files, without the running number. */
  const recorded = (route: string): Array<Record<string, string>> =>
    RESPONDENTS.flatMap((respondent) => {
      const file = `../../libs/testing/fixtures/eia/${route}-${respondent}_2022-07-10_2022-07-11.csv`;
      const rows: Array<Record<string, string>> = parseCsv(readFileSync(join(__dirname, file)), { columns: true });
      return rows.map(({ '': _, ...row }) => row);
    });

  it.each<[string, EiaRoute, string | null]>([
    ['eia.demand', 'region-data', 'D'],
    ['eia.net-generation', 'region-data', 'NG TI'],
    ['eia.fuel-mix', 'fuel-type-data', null],
    ['eia.interchange', 'interchange-data', null],
  ])('of %s arrive as they were published', async (id, route, types) => {
    for (const dialect of ['new', 'old'] as const) {
      eia.dialect = dialect;
      // The recorded stamps, T00 of one day to T00 of the next, end the hours that start here.
      const window = { from: '2022-07-09T23:00:00Z', to: '2022-07-11T00:00:00Z' };
      const { rows, refused, notes } = await pass(eia, id, route, window);
      const expected = recorded(route).filter(({ type }) => types === null || types.split(' ').includes(type ?? ''));
      const text = (row: Readonly<Record<string, string>>): string => JSON.stringify(Object.entries(row).sort());
      const found = rows.map(({ published: { source: _, ...row } }) => text(row));
      expect(found.sort()).toEqual(expected.map(text).sort());
      expect([refused, notes, expected.length > 100]).toEqual([[], {}, true]);
    }
  });
});

describe('odd rows', () => {
  let eia: EiaPublisher;
  beforeAll(async () => {
    eia = await startEiaPublisher({ now: () => new Date('2026-11-20T13:00:00Z') });
  });
  afterAll(() => eia.stop());
  const window = { from: '2026-11-10T00:00:00Z', to: '2026-11-10T12:00:00Z' };

  it('arrive with their value exactly, and what was published beside it', async () => {
    const of = { route: 'region-data', respondent: 'PJM', type: 'D' } as const;
    eia.anomaly({ ...of, kind: 'fraction', from: '2026-11-10T01' });
    eia.anomaly({ ...of, kind: 'negative-fraction', from: '2026-11-10T02' });
    eia.anomaly({ ...of, kind: 'four-decimals', from: '2026-11-10T03' });
    eia.anomaly({ ...of, kind: 'null-value', from: '2026-11-10T04' });
    eia.anomaly({ ...of, kind: 'blank-value', from: '2026-11-10T05' });
    eia.anomaly({ ...of, kind: 'duplicate-rows', from: '2026-11-10T06' });
    const { rows, refused } = await pass(eia, 'eia.demand', 'region-data', window);
    const pjm = rows.filter(({ stored }) => stored.respondent === 'PJM');
    const values = (hour: string) =>
      pjm.filter(({ published }) => published.period === `2026-11-10T${hour}`).map(({ stored }) => stored.value);
    expect(['01', '02', '03', '04', '05'].map((hour) => values(hour)[0])).toEqual([
      '0.3',
      '-0.21',
      '1263.6001',
      null,
      null,
    ]);
    expect([values('06').length, pjm.length, refused]).toEqual([2, 13, []]);
    expect(pjm[0]?.published).toMatchObject({ value: '.3', period: '2026-11-10T01' });
    expect(JSON.parse(pjm[0]?.stored.source ?? '')).toMatchObject({ value: '.3', respondent: 'PJM' });
  });

  it('of a fuel nobody knows are kept', async () => {
    eia.anomaly({
      kind: 'unknown-fuel',
      route: 'fuel-type-data',
      respondent: 'MISO',
      from: '2026-11-10T01',
      to: '2026-11-10T03',
    });
    const { rows } = await pass(eia, 'eia.fuel-mix', 'fuel-type-data', window);
    expect(rows.filter(({ stored }) => stored.fueltype === 'XYZ')).toHaveLength(3);
  });

  it('without any value are a failure: what they belong to is all they say', async () => {
    eia.fault({ kind: 'no-values' });
    await expect(pass(eia, 'eia.demand', 'region-data', window)).rejects.toThrow(/^column_missing: .*value/);
  });
});

/**
 * The contract with the real EIA API, when a key is set: EIA_API_KEY=… npx jest --selectProjects integration eia-live
 * A few requests, read only. Everything else is tested against the simulator.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { loadCatalog } from '@freshet/catalog';
import { CONNECTORS, type ConnectorTask } from '@freshet/fetcher-service';
import { FreshetError, silentLogger, systemClock, type TaskManifest } from '@freshet/domain';
import { HttpClient } from '@freshet/publisher';
import { secretsFrom } from '@freshet/runtime';

const VARIABLE = 'EIA_API_KEY';
const secret = secretsFrom([VARIABLE]).get(VARIABLE) ?? null;
const HOUR_MS = 3_600_000;
const DATASETS = ['eia.demand', 'eia.forecast', 'eia.fuel-mix', 'eia.interchange'];
const catalog = loadCatalog();

interface Fetched {
  readonly manifest: TaskManifest;
  readonly rows: Array<Record<string, unknown>>;
}

/** A day that is long complete: five to four days ago. */
async function fetchDay(id: string, key: string | null): Promise<Fetched> {
  const definition = catalog.get(id);
  const today = Math.floor(Date.now() / (24 * HOUR_MS)) * 24 * HOUR_MS;
  const window = {
    from: new Date(today - 5 * 24 * HOUR_MS).toISOString(),
    to: new Date(today - 4 * 24 * HOUR_MS).toISOString(),
  };
  const { timeouts, userAgent, contentVersion } = definition;
  const http = new HttpClient({ timeouts, userAgent });
  const rows: Fetched['rows'] = [];
  const task: ConnectorTask = {
    ...{
      definition,
      http,
      secret: key,
      logger: silentLogger,
      clock: systemClock,
      chunkBytes: 65_536,
      localFiles: false,
    },
    spec: { dataset: id, contentVersion, force: false, file: null, validators: {}, tries: 1, window },
    signal: new AbortController().signal,
    // Four a second: the publisher bears five.
    permit: () => pause(250),
    coolDown: async () => undefined,
    emit: async (_, { body }) => {
      const lines = body.toString('utf8').split('\n').slice(0, -1);
      rows.push(...lines.map((line) => JSON.parse(line) as Record<string, unknown>));
    },
    progress: { bytesReceived: 0, bytesExpected: 0 },
  };
  try {
    return { manifest: await CONNECTORS[definition.connector].fetch(task), rows };
  } finally {
    http.close();
  }
}

if (secret === null) {
  describe('the real EIA API', () => {
    it(`WAS NOT ASKED: ${VARIABLE} is not set`, async () => {
      process.stderr.write(`\n*** The contract with the real EIA API was NOT tested: ${VARIABLE} is not set. ***\n\n`);
      // The reason is what a fetcher would say, before any request.
      const failure: unknown = await fetchDay('eia.demand', null).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(FreshetError);
      expect(failure).toMatchObject({ code: 'api_key_refused', attributes: { variable: VARIABLE } });
      expect((failure as FreshetError).nextStep).toContain('https://www.eia.gov/opendata/register.php');
    });
  });
} else {
  describe('the real EIA API', () => {
    it.each(DATASETS)(
      'gives a day of %s in the columns of the definition',
      async (id) => {
        const definition = catalog.get(id);
        const [resource] = definition.resources;
        const { manifest, rows } = await fetchDay(id, secret);
        const columns = resource?.columns.map(({ name }) => name).filter((name) => name !== 'source');
        expect(manifest.resources[0]).toMatchObject({ records: rows.length, header: columns });
        const keys = rows.map((row) => resource?.key.map((name) => row[name]).join(' '));
        expect(new Set(keys).size).toBe(rows.length);
        for (const row of rows) {
          expect(row.period).toMatch(/^\d{4}-\d\d-\d\dT\d\d$/);
          expect(row['value-units']).toBe('megawatthours');
          expect(String(row.value ?? '')).toMatch(/^(-?\d*(\.\d+)?)?$/);
        }
        const selected = new Set(rows.map((row) => row[definition.paging?.select.column ?? '']));
        expect([...selected].sort()).toEqual([...(definition.paging?.select.values ?? [])].sort());
        expect(JSON.stringify([manifest, rows])).not.toContain(secret);
      },
      120_000,
    );

    it('refuses a wrong key by name', async () => {
      const failure: unknown = await fetchDay('eia.demand', 'not-a-key-0123456789').catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'api_key_refused', kind: 'terminal' });
    }, 60_000);
  });
}

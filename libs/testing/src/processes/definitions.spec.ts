import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCatalog } from '@freshet/catalog';
import { BSEE_ARCHIVES, EIA_ROUTES, startEiaPublisher } from '../publishers';
import { IMPATIENT, writeSimulatedDefinitions } from './definitions';

const folder = mkdtempSync(join(tmpdir(), 'freshet-definitions-spec-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const site = { url: 'http://127.0.0.1:4711', hosts: ['127.0.0.1:4711'] };

it('points every dataset at the simulator and changes nothing that is stored', () => {
  writeSimulatedDefinitions(folder, site, { '*': IMPATIENT, 'bsee.war': { retry: { maxAttempts: 2 } } });
  const [real, simulated] = [loadCatalog(), loadCatalog({ extraFolder: folder })];
  for (const { dataset, path } of BSEE_ARCHIVES) {
    const definition = simulated.get(dataset);
    expect(definition.contentVersion).toBe(real.get(dataset).contentVersion);
    expect(definition).toMatchObject({
      allowPrivateHosts: site.hosts,
      schedule: null,
      retry: { initialDelayMs: 200, maxDelayMs: 2_000 },
    });
    expect(definition.access).toContainEqual({ kind: 'url', url: `${site.url}${path}` });
    expect(JSON.stringify(definition.access)).not.toContain('data.bsee.gov');
  }
  expect(simulated.get('bsee.war').retry.maxAttempts).toBe(2);
});

it.each(BSEE_ARCHIVES.map((archive) => [archive.dataset, archive] as const))(
  'the definition of %s names the members, columns and keys that the simulator publishes, in its order',
  (dataset, archive) => {
    const { resources } = loadCatalog().get(dataset);
    expect(resources.map(({ member }) => member).sort()).toEqual(archive.members.map(({ name }) => name).sort());
    for (const { member, columns, key } of resources) {
      const published = archive.members.find(({ name }) => name === member);
      expect(columns.map(({ name }) => name)).toEqual(published?.columns.map(([name]) => name));
      // A definition may leave a key out (real data broke it), never claim one that the publisher does not keep.
      if (key.length > 0) expect([...key].sort()).toEqual([...(published?.key ?? [])].sort());
    }
  },
);

describe('of the EIA', () => {
  const eiaFolder = join(folder, 'eia');
  const builtIn = loadCatalog()
    .all()
    .filter(({ source }) => source === 'eia');

  it('lead to the simulator, which has a route for each', async () => {
    const eia = await startEiaPublisher();
    try {
      writeSimulatedDefinitions(eiaFolder, eia, { '*': IMPATIENT });
      const simulated = loadCatalog({ extraFolder: eiaFolder });
      expect(builtIn).not.toHaveLength(0);
      for (const { id, contentVersion } of builtIn) {
        const definition = simulated.get(id);
        expect(definition).toMatchObject({ contentVersion, allowPrivateHosts: eia.hosts, schedule: null });
        expect(definition.timeseries?.health).toBeNull();
        const [access] = definition.access;
        expect(access).toEqual({
          kind: 'api',
          url: expect.stringMatching(new RegExp(`^${eia.url}/v2/electricity/rto/(${EIA_ROUTES.join('|')})/data$`)),
        });
      }
    } finally {
      await eia.stop();
    }
  });

  it.each(builtIn.map((definition) => [definition.id, definition] as const))(
    '%s names the columns and the key that the simulator publishes, in its order',
    async (_id, { resources, timeseries, paging }) => {
      const eia = await startEiaPublisher();
      try {
        const [resource] = resources;
        const route = EIA_ROUTES.find((known) => known === resource?.member);
        const [row] = eia.truth(route ?? 'region-data', {}, '2025-07-10T00', '2025-07-10T00');
        const columns = resource?.columns.map(({ name }) => name);
        expect(columns).toEqual([...Object.keys(row ?? {}), 'source']);
        expect(paging?.sort).toEqual(resource?.key);
        expect(
          [timeseries?.respondent, ...(timeseries?.codes ?? [])].filter((name) => !columns?.includes(`${name}`)),
        ).toEqual([]);
      } finally {
        await eia.stop();
      }
    },
  );
});

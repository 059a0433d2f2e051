import { loadCatalog } from '@freshet/catalog';
import type { DatasetDefinition } from '@freshet/domain';
import { leftOut, missingCredential, notScheduled } from './credentials';

describe('datasets whose credential is not there', () => {
  const catalog = loadCatalog();
  const demand = catalog.get('eia.demand');
  const none = { credentials: new Set<string>() };

  it('are known only where the fetcher is in the same process', () => {
    expect(missingCredential(demand, none)).toMatchObject({ variable: 'EIA_API_KEY' });
    expect(missingCredential(demand, { credentials: new Set(['EIA_API_KEY']) })).toBeNull();
    expect(missingCredential(demand, { credentials: null })).toBeNull();
    expect(missingCredential(catalog.get('bsee.well'), none)).toBeNull();
  });

  it('are those that cannot do without', () => {
    const optional = { ...demand, credential: { variable: 'X', header: 'H', required: false } } as DatasetDefinition;
    expect(missingCredential(optional, none)).toBeNull();
  });

  it('are left out by their schedules, and say where a key is to be had', () => {
    expect(notScheduled(demand, none)).toEqual({
      reason: 'EIA_API_KEY is not set',
      nextStep:
        'A key is to be had at https://www.eia.gov/opendata/register.php. Set EIA_API_KEY (or EIA_API_KEY_FILE, the path of a file with it) and start Freshet again.',
    });
    expect(notScheduled({ ...demand, schedule: null }, none)).toBeNull();
  });

  it('are named together', () => {
    const eia = catalog.find('eia').filter(({ schedule }) => schedule !== null);
    expect(leftOut(catalog.all(), none)).toMatchObject([
      { reason: 'EIA_API_KEY is not set', datasets: eia.map(({ id }) => id) },
    ]);
    expect(leftOut(catalog.all(), { credentials: null })).toEqual([]);
  });
});

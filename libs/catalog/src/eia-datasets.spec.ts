import { resolveCode } from '@freshet/domain';
import { builtInCodes } from './code-lists';
import { loadCatalog } from './load-catalog';

const datasets = loadCatalog().find('eia');
const codes = builtInCodes('eia-respondents') ?? [];

describe('the definitions of EIA-930', () => {
  it('are six, each one route of the API', () => {
    expect(datasets.map(({ id, resources }) => [id, resources.map(({ member }) => member).join()])).toEqual([
      ['eia.demand', 'region-data'],
      ['eia.forecast', 'region-data'],
      ['eia.fuel-mix', 'fuel-type-data'],
      ['eia.interchange', 'interchange-data'],
      ['eia.net-generation', 'region-data'],
      ['eia.sub-ba-demand', 'region-sub-ba-data'],
    ]);
  });

  it('ask for the five of the requirements under EIA’s own codes', () => {
    for (const { id, paging } of datasets.filter((dataset) => dataset.id !== 'eia.sub-ba-demand')) {
      expect([id, paging?.select.values]).toEqual([id, ['PJM', 'CISO', 'MISO', 'ERCO', 'SWPP']]);
    }
  });

  it('always name the type of region-data, which would otherwise be mixed', () => {
    for (const { paging } of datasets.filter(({ resources }) => resources[0]?.member === 'region-data')) {
      expect(paging?.parameters.map(({ name }) => name)).toContain('facets[type][]');
    }
  });

  it('always ask for values, and sort by the whole key', () => {
    for (const { paging, resources } of datasets) {
      expect(paging?.parameters).toContainEqual({ name: 'data[0]', value: 'value' });
      expect(paging?.sort).toEqual(resources[0]?.key);
    }
  });

  it('share one limit, below what EIA asks for', () => {
    for (const { rateLimit } of datasets) {
      expect(rateLimit).toMatchObject({
        key: 'eia',
        limits: [
          { requests: 5, perSeconds: 1 },
          { requests: 4800, perSeconds: 3600 },
        ],
      });
    }
  });

  it('run hourly at a quarter past, with a health check at one', () => {
    for (const { schedule, timeseries } of datasets) {
      expect(schedule?.cron).toEqual(['15 * * * *']);
      expect(timeseries?.health).toMatchObject({ cron: ['0 1 * * *'], timeZone: 'UTC' });
      expect(timeseries?.windowSeconds).toBe(72 * 3600);
    }
  });

  it('correct no stamps unless they are told to', () => {
    expect(datasets.filter(({ timeseries }) => timeseries?.corrections.enabled)).toEqual([]);
    expect(datasets.flatMap(({ timeseries }) => timeseries?.corrections.entries ?? []).length).toBeGreaterThan(5);
  });
});

describe('the respondents', () => {
  it('mark the fourteen sums', () => {
    expect(codes.filter(({ aggregate }) => aggregate).map(({ code }) => code)).toEqual(
      'CAL CAR CENT FLA MIDA MIDW NE NW NY SE SW TEN TEX US48'.split(' '),
    );
  });

  it('have no code or alias twice', () => {
    const written = codes.flatMap(({ code, aliases }) => [code, ...aliases]);
    expect(new Set(written).size).toBe(written.length);
  });

  it('report by a civil time, where they are in the United States and no sums', () => {
    expect(codes.filter(({ timeZone }) => timeZone).length).toBe(71);
    expect(codes.find(({ code }) => code === 'CISO')?.timeZone).toBe('America/Los_Angeles');
    expect(codes.filter(({ aggregate, timeZone }) => aggregate && timeZone)).toEqual([]);
  });

  it.each([
    ['CAISO', 'CISO'],
    ['ERCOT', 'ERCO'],
    ['SPP', 'SWPP'],
    ['ISONE', 'ISNE'],
    ['NYISO', 'NYIS'],
    ['pjm', 'PJM'],
  ])('know %s as %s', (written, code) => {
    expect(resolveCode(loadCatalog().get('eia.demand'), written)).toBe(code);
  });

  it('refuse a code nobody has, with what may be meant', () => {
    expect(() => resolveCode(loadCatalog().get('eia.demand'), 'PJN')).toThrow(
      expect.objectContaining({ code: 'code_unknown', message: expect.stringContaining('PJM') as unknown }),
    );
  });
});

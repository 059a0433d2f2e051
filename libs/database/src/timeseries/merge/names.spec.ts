import type { PagedJson, TimeSeries } from '@freshet/domain';
import { identityColumns, identityOf, nameColumns } from './names';

const series = {
  id: '{respondent}.{type}',
  kind: '{type}',
  names: { type: { D: 'demand', NG: 'net-generation' } },
  respondent: 'respondent',
  codes: ['respondent', 'type'],
  unit: { column: 'value-units', names: { megawatthours: 'MWh' } },
} as unknown as TimeSeries;
const paging = {
  select: {
    codes: [
      { code: 'PJM', name: 'PJM', aggregate: false, aliases: [] },
      { code: 'US48', name: 'Lower 48', aggregate: true, aliases: [] },
    ],
  },
} as unknown as PagedJson;

const identity = (values: Record<string, string | null>, timeseries = series) =>
  identityOf({ timeseries, paging }, values);

describe('what series a row is of', () => {
  it('is written in its codes, with our names where there are some', () => {
    expect(identity({ respondent: 'PJM', type: 'NG', value_units: 'megawatthours' })).toEqual({
      name: 'PJM.net-generation',
      respondent: 'PJM',
      aggregate: false,
      kind: 'net-generation',
      unit: 'MWh',
      codes: { respondent: 'PJM', type: 'NG' },
    });
  });

  it('keeps codes without a name, also those that every object has a property of', () => {
    for (const type of ['XYZ', 'constructor', '__proto__'])
      expect(identity({ respondent: 'PJM', type, value_units: null })).toMatchObject({
        name: `PJM.${type}`,
        kind: type,
        unit: null,
      });
  });

  it('is an aggregate when any of its codes is one', () => {
    expect(identity({ respondent: 'US48', type: 'D' }).aggregate).toBe(true);
    expect(identity({ respondent: 'PJM', type: 'US48' }).aggregate).toBe(true);
    expect(identityOf({ timeseries: series, paging: null }, { respondent: 'US48', type: 'D' }).aggregate).toBe(false);
  });

  it('depends on these columns, each named once', () => {
    expect(nameColumns(series)).toEqual(['respondent', 'type']);
    expect(identityColumns({ ...series, id: '{type}', respondent: 'parent' })).toEqual([
      'type',
      'parent',
      'respondent',
    ]);
  });
});

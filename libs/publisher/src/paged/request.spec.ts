import type { PagedJson } from '@freshet/domain';
import type { Question } from './questions';
import { pageRequest } from './request';

const PAGING: PagedJson = {
  parameters: [
    { name: 'frequency', value: 'hourly' },
    { name: 'data[0]', value: 'value' },
    { name: 'facets[type][]', value: 'D' },
  ],
  style: 'query',
  parametersHeader: 'X-Params',
  select: { name: 'respondent', parameter: 'facets[respondent][]', column: 'respondent', values: [], codes: [] },
  window: { start: 'start', end: 'end', layout: 'YYYY-MM-DDTHH' },
  sort: ['period', 'respondent'],
  ...{ offset: 'offset', length: 'length', pageSize: 100, maxPageBytes: 1_000_000, maxPages: 5, recordsPerHour: 1 },
  records: ['response', 'data'],
  total: ['response', 'total'],
  warnings: [['warnings']],
};
const question: Question = {
  window: { from: new Date('2026-11-10T00:00:00Z'), to: new Date('2026-11-13T00:00:00Z') },
  values: ['PJM', 'CISO'],
};
const ADDRESS = 'https://api.example/v2/region-data/data?a=1';
const asked = (stamp: 'start' | 'end', style: 'query' | 'header' = 'query', of = question) =>
  pageRequest({ ...PAGING, style }, ADDRESS, of, 200, { stamp, resolutionSeconds: 3600 });

describe('the request for a page', () => {
  it('asks for stamps of both ends included, whichever end of its interval a stamp names', () => {
    const of = (stamp: 'start' | 'end'): Array<string | null> => {
      const { searchParams } = new URL(asked(stamp).url);
      return [searchParams.get('start'), searchParams.get('end')];
    };
    expect(of('end')).toEqual(['2026-11-10T01', '2026-11-13T00']);
    expect(of('start')).toEqual(['2026-11-10T00', '2026-11-12T23']);
  });

  it('has every parameter in the address, values and sort one by one', () => {
    const { url, headers, shown } = asked('end');
    expect([...new URL(url).searchParams].map((pair) => pair.join('=')).join(' ')).toBe(
      'a=1 frequency=hourly data[0]=value facets[type][]=D facets[respondent][]=PJM facets[respondent][]=CISO ' +
        'start=2026-11-10T01 end=2026-11-13T00 sort[0][column]=period sort[0][direction]=asc ' +
        'sort[1][column]=respondent sort[1][direction]=asc offset=200 length=100',
    );
    expect([headers, shown]).toEqual([{}, url]);
  });

  it('has them as one JSON object in a header, and still says what was asked', () => {
    const { url, headers, shown } = asked('end', 'header');
    expect(url).toBe(ADDRESS);
    expect(JSON.parse(headers['X-Params'] ?? '')).toEqual({
      frequency: 'hourly',
      data: ['value'],
      facets: { type: ['D'], respondent: ['PJM', 'CISO'] },
      start: '2026-11-10T01',
      end: '2026-11-13T00',
      sort: [
        { column: 'period', direction: 'asc' },
        { column: 'respondent', direction: 'asc' },
      ],
      offset: 200,
      length: 100,
    });
    expect(shown).toBe(asked('end').url);
  });

  it('has no bounds where the dataset has no intervals', () => {
    expect(asked('end', 'query', { ...question, window: null }).url).not.toMatch(/start|end=/);
  });
});

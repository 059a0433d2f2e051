import type { ObservationView, PageView } from '@freshet/contracts';
import { FreshetClient, NotFreshetError } from './index';

const observation = (hour: number): ObservationView => ({
  series: 'PJM.demand',
  startsAt: `2026-11-19T0${hour}:00:00.000Z`,
  endsAt: `2026-11-19T0${hour + 1}:00:00.000Z`,
  value: '90000.5',
  unit: 'MWh',
  quality: 'good',
  correctedStartsAt: null,
  firstSeen: '2026-11-19T07:00:00.000Z',
  revisions: 0,
});

describe('time series of the client', () => {
  const asked: Array<{ url: URL; accept: string | null }> = [];
  const answering = (...answers: Response[]): FreshetClient =>
    new FreshetClient({
      baseUrl: 'http://coordinator.example',
      retries: 0,
      fetch: (url, init) => {
        asked.push({ url: new URL(String(url)), accept: new Headers(init?.headers).get('accept') });
        return Promise.resolve(answers.shift() ?? Response.error());
      },
    });
  beforeEach(() => void asked.splice(0));

  it('walk through pages until there is none', async () => {
    const pages: Array<PageView<ObservationView>> = [
      { items: [observation(0), observation(1)], next: 'c1' },
      { items: [observation(2)], next: null },
    ];
    const client = answering(...pages.map((page) => Response.json(page)));
    const hours: string[] = [];
    const query = { series: ['PJM.demand', 'CISO.demand'], from: '2026-11-19', asOf: '2026-11-20T00:00:00Z', limit: 2 };
    for await (const page of client.observationPages(query)) hours.push(...page.map(({ startsAt }) => startsAt));
    expect(hours).toHaveLength(3);
    expect(asked.map(({ url }) => Object.fromEntries(url.searchParams))).toEqual([
      { series: 'PJM.demand,CISO.demand', from: '2026-11-19', 'as-of': '2026-11-20T00:00:00Z', limit: '2' },
      {
        series: 'PJM.demand,CISO.demand',
        from: '2026-11-19',
        'as-of': '2026-11-20T00:00:00Z',
        limit: '2',
        cursor: 'c1',
      },
    ]);
  });

  it('come as the bytes of a file, with where they go on', async () => {
    const bytes = Uint8Array.from([0, 255, 128, 10]);
    const headers = { 'content-type': 'application/vnd.apache.parquet', 'freshet-next-cursor': 'c2' };
    const page = await answering(new Response(bytes, { headers })).observationFile(
      { dataset: 'eia.demand' },
      'parquet',
    );
    expect(page).toEqual({ bytes, next: 'c2' });
    expect(asked[0]?.accept).toBe('application/vnd.apache.parquet');
  });

  it('are refused when the answer is of another type', async () => {
    const page = new Response('<p>hello</p>', { headers: { 'content-type': 'text/html' } });
    await expect(answering(page).observationFile({ dataset: 'eia.demand' }, 'csv')).rejects.toBeInstanceOf(
      NotFreshetError,
    );
  });
});

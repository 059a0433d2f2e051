import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BackfillView } from '@freshet/contracts';
import { FreshetClient } from './index';

const ID = '7d1f0a1e-0000-4000-8000-000000000002';
const backfill = (state: BackfillView['state'], counts: Partial<BackfillView['counts']> = {}): BackfillView => ({
  id: ID,
  dataset: 'eia.demand',
  origin: 'manual',
  from: '2026-11-01T00:00:00.000Z',
  to: '2026-11-06T00:00:00.000Z',
  selected: ['PJM'],
  state,
  requestedAt: '2026-11-20T10:00:00.000Z',
  counts: { pending: 0, leased: 0, done: 0, skipped: 0, failed: 0, ...counts },
});

describe('backfills with the client', () => {
  let server: Server;
  let client: FreshetClient;
  let seen: Array<{ readonly call: string; readonly body: Record<string, unknown> }>;
  let answers: unknown[];

  beforeEach(async () => {
    seen = [];
    answers = [[]];
    server = createServer((request, response) => {
      let text = '';
      request.on('data', (piece) => (text += String(piece)));
      request.on('end', () => {
        seen.push({ call: `${request.method} ${request.url}`, body: text === '' ? {} : JSON.parse(text) });
        const body = answers.length > 1 ? answers.shift() : answers[0];
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    client = new FreshetClient({ baseUrl, sleep: async () => undefined });
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('asks for what is missing, and for what filling it would take', async () => {
    await client.gaps({ dataset: 'eia.demand', series: 'PJM.demand', from: '2026-11-01', limit: 5 });
    await client.planBackfill('eia.demand', { from: '2026-11-01', to: '2026-11-06' });
    await client.backfills({ dataset: 'eia.demand' });
    expect(seen).toEqual([
      { call: 'GET /api/v1/gaps?dataset=eia.demand&series=PJM.demand&from=2026-11-01&limit=5', body: {} },
      {
        call: 'POST /api/v1/datasets/eia.demand/backfills',
        body: { from: '2026-11-01', to: '2026-11-06', dryRun: true },
      },
      { call: 'GET /api/v1/backfills?dataset=eia.demand', body: {} },
    ]);
  });

  it('starts with a key of its own unless one is given, and cancels', async () => {
    const order = { from: '2026-11-01', to: '2026-11-06', only: ['PJM'] };
    await client.startBackfill('eia.demand', order);
    await client.startBackfill('eia.demand', { ...order, idempotencyKey: 'k' });
    await client.cancelBackfill(ID);
    expect(seen.map(({ call }) => call)).toEqual([
      'POST /api/v1/datasets/eia.demand/backfills',
      'POST /api/v1/datasets/eia.demand/backfills',
      `POST /api/v1/backfills/${ID}/cancel`,
    ]);
    expect(seen[0]?.body).toEqual({ ...order, idempotencyKey: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(seen[1]?.body).toEqual({ ...order, idempotencyKey: 'k' });
  });

  it('waits until nothing is under way any more, also of a cancelled one', async () => {
    answers = [
      backfill('running', { pending: 1, leased: 2 }),
      backfill('cancelled', { leased: 1, done: 1, skipped: 1 }),
      backfill('cancelled', { done: 2, skipped: 1 }),
    ];
    const updates: string[] = [];
    const onUpdate = ({ state, counts }: BackfillView) => void updates.push(`${state} ${counts.leased}`);
    expect(await client.waitForBackfill(ID, { onUpdate })).toMatchObject({ counts: { done: 2 } });
    expect(updates).toEqual(['running 2', 'cancelled 1', 'cancelled 0']);
  });
});

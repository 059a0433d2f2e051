import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DatasetView, RunView } from '@freshet/contracts';

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly body: Record<string, unknown>;
}

type Answer = { readonly status?: number; readonly body: unknown } | undefined;

/** The HTTP API as far as a test says; what it does not say is answered 404. */
export class FakeCoordinator {
  readonly seen: Seen[] = [];
  readonly token = 'operator-token';
  private readonly routes = new Map<string, (seen: Seen) => Answer>();
  private server: Server | undefined;
  url = '';

  constructor(readonly datasets: readonly DatasetView[] = BSEE) {
    this.on('GET datasets', () => ({ body: this.datasets }));
  }

  /** `key` is `METHOD path` without `/api/v1/`, with the query. */
  on(key: string, answer: (seen: Seen) => Answer): this {
    this.routes.set(key, answer);
    return this;
  }

  /** Answers with the given runs in turn, the last one for ever. */
  runIs(id: string, views: readonly RunView[]): this {
    let asked = 0;
    return this.on(`GET runs/${id}`, () => ({ body: views[Math.min(asked++, views.length - 1)] }));
  }

  async start(): Promise<this> {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const seen: Seen = {
          method: request.method ?? '',
          path: (request.url ?? '').replace('/api/v1/', ''),
          body: text ? (JSON.parse(text) as Record<string, unknown>) : {},
        };
        this.seen.push(seen);
        const authorized = request.headers.authorization === `Bearer ${this.token}`;
        const answer = authorized
          ? this.routes.get(`${seen.method} ${seen.path}`)?.(seen)
          : { status: 401, body: { error: 'the token is not known' } };
        const { status = 200, body } = answer ?? {
          status: 404,
          body: { error: `no such thing: ${seen.method} ${seen.path}` },
        };
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => this.server?.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return this;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => (this.server ? this.server.close(resolve) : resolve(undefined)));
  }
}

export const runId = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

const dataset = (name: string): DatasetView => ({
  id: `bsee.${name}`,
  title: `BSEE ${name}`,
  source: 'bsee',
  mode: 'snapshot',
  freshness: 'fresh',
  generation: 3,
  pinned: false,
  publishedAt: '2026-11-20T05:00:00Z',
  confirmedAt: '2026-11-20T09:00:00Z',
  maxAgeSeconds: 129_600,
  schedule: ['15 10 * * *'],
  rows: 1234567,
  lastRun: { id: runId(1), state: 'published', endedAt: '2026-11-20T09:00:00Z', failure: null },
});
export const BSEE: readonly DatasetView[] = ['well', 'production', 'war'].map(dataset);

export const runView = (overrides: Partial<RunView> = {}): RunView => ({
  id: runId(1),
  dataset: 'bsee.well',
  state: 'queued',
  trigger: 'manual',
  force: false,
  requestedAt: '2026-11-20T10:00:00Z',
  startedAt: '2026-11-20T10:00:01Z',
  endedAt: null,
  generation: null,
  attempt: 1,
  taskState: null,
  access: null,
  progress: { bytesReceived: 0, bytesExpected: 0, chunksCut: 0, chunksLoaded: 0, rowsLoaded: 0, rowsRefused: 0 },
  resources: [],
  attempts: [],
  files: [],
  peakMemory: [],
  failure: null,
  ...overrides,
});

export const published = (overrides: Partial<RunView> = {}): RunView =>
  runView({
    state: 'published',
    endedAt: '2026-11-20T10:00:13.500Z',
    generation: 4,
    taskState: 'done',
    progress: {
      bytesReceived: 14_600_000,
      bytesExpected: 14_600_000,
      chunksCut: 40,
      chunksLoaded: 40,
      rowsLoaded: 867_000,
      rowsRefused: 2,
    },
    resources: [
      {
        resource: 'mv_apd_main_all',
        rows: 867_000,
        refused: 2,
        bytes: 60_000_000,
        sha256: 'ab'.repeat(32),
        outcome: 'published',
      },
    ],
    files: [
      {
        path: 'data/modules/bsee/bin/apd/mv_apd_main_all.bin',
        bytes: 123_456_789,
        warning: 'larger than 100 MB: keep it out of git',
      },
    ],
    ...overrides,
  });

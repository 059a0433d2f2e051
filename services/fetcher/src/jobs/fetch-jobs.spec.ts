import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Catalog } from '@freshet/catalog';
import { encodeMessage, TOPICS } from '@freshet/contracts';
import { silentLogger, type DatasetDefinition } from '@freshet/domain';
import type { InboundMessage } from '@freshet/messaging';
import { DEFAULT_OPTIONS, type FetcherOptions } from '../options';
import { serveArchive, type ArchiveServer } from '../testing/archive-server';
import { handMadeZip } from '../testing/hand-made-zip';
import { definition, eventually, FakeBroker, FakeWorker, RUN, spec, TASK, VERSION } from '../testing/parts';
import { FetchJobs } from './fetch-jobs';

const ROWS = Array.from({ length: 500 }, (_, index) => `"${index}","a ""quoted"" text"\r\n`);
const ONE = `"N","T"\r\n${ROWS.join('')}`;
const ARCHIVE = handMadeZip([
  { name: 'A/' },
  { name: 'A/ONE.txt', content: ONE },
  { name: 'A/readme.txt', content: 'hello' },
]);

let server: ArchiveServer;
let worker: FakeWorker;
let broker: FakeBroker;
const all: FetchJobs[] = [];
beforeEach(async () => {
  server = await serveArchive(ARCHIVE);
  worker = new FakeWorker();
  broker = new FakeBroker();
});
afterEach(async () => {
  await Promise.all(all.splice(0).map((jobs) => jobs.stop()));
  await server.close();
});

function fetcher(over: Partial<DatasetDefinition> = {}, options: Partial<FetcherOptions> = {}): FetchJobs {
  const catalog = new Catalog([definition(server.host, over)]);
  const all_ = { ...DEFAULT_OPTIONS, chunkBytes: 4096, ...options };
  const jobs = new FetchJobs(worker, broker, catalog, all_, { service: 'fetcher', instance: 'me' }, silentLogger);
  all.push(jobs);
  return jobs;
}

function request(signal = new AbortController().signal): InboundMessage {
  const meta = {
    type: 'fetch.requested',
    ...{ dataset: 'test.archive', runId: RUN, taskId: TASK, attempt: 3, contentVersion: VERSION },
  } as const;
  const place = { partition: 0, offset: '0', delivery: 1, headers: {}, signal };
  return { topic: TOPICS.fetchRequested, key: TASK, value: encodeMessage(meta), ...place };
}

async function fetched(jobs: FetchJobs): Promise<void> {
  await jobs.handle(request());
  await eventually('the job to end', () => jobs.downloads === 0);
}

/** A publisher that sends half of the archive and then nothing. */
const half: ArchiveServer['answer'] = (response) => {
  response.writeHead(200, { 'content-length': String(ARCHIVE.length) }).write(ARCHIVE.subarray(0, ARCHIVE.length / 2));
};

describe('a fetcher', () => {
  it('publishes every record of the wanted members once, and says what it cut', async () => {
    await fetched(fetcher());
    expect(worker.failed).toEqual([]);
    const chunks = broker.chunks.sort((a, b) => a.meta.chunk - b.meta.chunk);
    expect(chunks.map(({ meta }) => meta.chunk)).toEqual([...chunks.keys()]);
    expect(chunks.map(({ body }) => body.toString('latin1')).join('')).toBe(ROWS.join(''));
    expect(chunks[1]?.key).toBe(`${TASK}:one:1`);
    expect(chunks[0]?.meta).toMatchObject({
      runId: RUN,
      taskId: TASK,
      attempt: 3,
      contentVersion: VERSION,
      header: ['N', 'T'],
    });
    expect(worker.completed).toMatchObject([
      {
        outcome: 'fetched',
        access: { kind: 'url', url: `http://${server.host}/a.zip`, skipped: [] },
        validators: { etag: '"1"' },
        bytesReceived: ARCHIVE.length,
        resources: [
          { resource: 'one', chunks: chunks.length, records: 500, bytes: ROWS.join('').length, header: ['N', 'T'] },
        ],
        ignoredMembers: ['A/readme.txt'],
      },
    ]);
    expect(worker.progress.at(-1)).toMatchObject({ bytesExpected: ARCHIVE.length, chunksCut: chunks.length });
    expect(broker.messages.some(({ topic }) => topic === TOPICS.runEvents)).toBe(true);
  });

  it('is done with the message at the claim, not at the end of the download', async () => {
    server.answer = half;
    const jobs = fetcher();
    await jobs.handle(request());
    expect(jobs.downloads).toBe(1);
    expect(worker.completed).toEqual([]);
  });

  it('leaves an attempt alone that is not to be had', async () => {
    worker.granted = false;
    const jobs = fetcher();
    await jobs.handle(request());
    expect([jobs.downloads, server.requests.length]).toEqual([0, 0]);
  });

  it('downloads a bounded number at the same time, and waits before it claims', async () => {
    server.answer = half;
    const jobs = fetcher({}, { maxDownloads: 2 });
    await jobs.handle(request());
    await jobs.handle(request());
    const partition = new AbortController();
    const third = jobs.handle(request(partition.signal));
    await eventually('two requests', () => server.requests.length === 2);
    expect(worker.claims).toBe(2);
    partition.abort(new Error('taken away'));
    await expect(third).rejects.toThrow('taken away');
  });

  it('refuses a definition of another version, to be tried again', async () => {
    await expect(fetcher({ contentVersion: 'other' }).handle(request())).rejects.toMatchObject({
      code: 'definition_unknown',
      kind: 'transient',
    });
    expect(worker.claims).toBe(0);
  });

  it('asks conditionally, except when forced', async () => {
    server.answer = (response, { headers }) =>
      headers['if-none-match'] ? response.writeHead(304).end() : response.writeHead(200).end(ARCHIVE);
    worker.spec = spec({ validators: { etag: '"1"' } });
    await fetched(fetcher());
    expect(worker.completed).toMatchObject([{ outcome: 'not_modified', resources: [], bytesReceived: 0 }]);
    worker.spec = spec({ validators: { etag: '"1"' }, force: true });
    await fetched(fetcher());
    expect(worker.completed[1]).toMatchObject({ outcome: 'fetched' });
  });

  it('reads a local archive the same way, where that is allowed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'freshet-fetcher-'));
    try {
      const file = join(folder, 'a.zip');
      writeFileSync(file, ARCHIVE);
      worker.spec = spec({ file, validators: { etag: '"1"' } });
      await fetched(fetcher({}, { localFiles: true }));
      expect(worker.completed).toMatchObject([
        { outcome: 'fetched', access: { kind: 'file', url: file }, validators: {} },
      ]);
      expect(broker.chunks.map(({ body }) => body.toString('latin1')).join('')).toBe(ROWS.join(''));
      await fetched(fetcher({}, { localFiles: false }));
      writeFileSync(file, 'version https://git-lfs.github.com/spec/v1\n');
      await fetched(fetcher({}, { localFiles: true }));
      worker.spec = spec({ file: join(folder, 'none.zip') });
      await fetched(fetcher({}, { localFiles: true }));
      expect(worker.failed.map(({ failure }) => failure.code)).toEqual([
        'file_unreadable',
        'payload_unknown',
        'file_unreadable',
      ]);
      expect(server.requests).toHaveLength(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each<[string, Buffer, string, string]>([
    ['a page', Buffer.from('<!DOCTYPE html><html></html>'), 'payload_html', 'is a web page, not an archive'],
    ['a cut archive', ARCHIVE.subarray(0, ARCHIVE.length - 30), 'archive_truncated', 'a.zip: '],
    ['another archive', handMadeZip([{ name: 'two.txt', content: 'A\n1\n' }]), 'resource_missing', 'a.zip: '],
  ])('says of %s given as a file what is wrong with the file, once', async (_what, content, code, message) => {
    const folder = mkdtempSync(join(tmpdir(), 'freshet-fetcher-'));
    try {
      const file = join(folder, 'a.zip');
      writeFileSync(file, content);
      worker.spec = spec({ file });
      await fetched(fetcher({}, { localFiles: true }));
      expect(worker.failed.map(({ failure }) => failure)).toMatchObject([
        { code, kind: 'terminal', message: expect.stringContaining(message) },
      ]);
      expect(worker.failed[0]?.failure.nextStep).not.toContain('by itself');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each<[string, Parameters<typeof handMadeZip>[0], string]>([
    ['a missing member', [{ name: 'two.txt', content: 'A\n1\n' }], 'resource_missing'],
    ['an empty member', [{ name: 'one.txt', content: '"A"\r\n' }], 'resource_empty'],
    [
      'a member twice',
      [
        { name: 'x/one.txt', content: 'A\n1\n' },
        { name: 'y/One.TXT', content: 'A\n1\n' },
      ],
      'archive_unsafe_entry',
    ],
    ['a wrong checksum', [{ name: 'one.txt', content: 'A\n1\n', crc32: 5 }], 'archive_corrupt'],
    ['a quote that never closes', [{ name: 'one.txt', content: 'A\n"1\n' }], 'unclosed_quote'],
    ['a record too large', [{ name: 'one.txt', content: `A\n${'x'.repeat(70_000)}` }], 'record_too_large'],
  ])('fails by name for %s', async (_, entries, code) => {
    const archive = handMadeZip(entries);
    server.answer = (response) => response.end(archive);
    await fetched(fetcher());
    expect(worker.failed).toMatchObject([{ failure: { code, nextStep: expect.stringMatching(/.../) } }]);
    expect(worker.completed).toEqual([]);
  });

  it('fails by name for an archive that is announced too large, before reading it', async () => {
    await fetched(
      fetcher({ archive: { maxEntries: 9, maxCompressedBytes: 100, maxUncompressedBytes: 1e9, maxRatio: 99 } }),
    );
    expect(worker.failed).toMatchObject([{ failure: { code: 'payload_too_large' } }]);
  });

  it('passes on how long the publisher asks to wait', async () => {
    server.answer = (response) => response.writeHead(429, { 'retry-after': '42' }).end();
    await fetched(fetcher());
    expect(worker.failed).toMatchObject([{ failure: { code: 'rate_limited' }, retryAfterMs: 42_000 }]);
  });

  it('has a total time that grows with the tries', async () => {
    server.answer = half;
    const timeouts = { connectMs: 1000, stallMs: 5000, totalMs: 60, growth: 0.5 };
    worker.spec = spec({ tries: 3 });
    await fetched(fetcher({ timeouts }));
    expect(worker.failed).toMatchObject([
      { failure: { code: 'total_timeout', attributes: { totalMs: 120, tries: 3 } } },
    ]);
  });

  it('takes a time longer than any timer for the longest there is', async () => {
    await fetched(fetcher({ timeouts: { connectMs: 1000, stallMs: 5000, totalMs: 30 * 86_400_000, growth: 0.5 } }));
    expect([worker.failed, worker.completed.length]).toEqual([[], 1]);
  });

  it('publishes no faster than the broker takes it', async () => {
    let open: () => void = () => undefined;
    broker.gate = new Promise((resolve) => (open = resolve));
    const jobs = fetcher({}, { maxChunksInFlight: 2, chunkBytes: 500 });
    await jobs.handle(request());
    await eventually('the broker to be full', () => broker.waiting === 2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    open();
    await eventually('the job to end', () => jobs.downloads === 0);
    expect(broker.mostWaiting).toBe(2);
    expect(worker.completed).toHaveLength(1);
  });

  it('waits for a broker and a coordinator that are away for a while', async () => {
    broker.outage = 2;
    await fetched(fetcher());
    worker.outage = 1;
    const jobs = fetcher();
    await expect(jobs.handle(request())).rejects.toMatchObject({ code: 'dependency_unavailable' });
    await jobs.handle(request());
    worker.outage = 2;
    await eventually('the job to end', () => jobs.downloads === 0);
    expect(worker.completed).toHaveLength(2);
  });

  it('reports progress soon, however long the lease is', async () => {
    broker.gate = new Promise(() => undefined);
    worker.leaseMs = 3_600_000;
    const jobs = fetcher({}, { maxChunksInFlight: 1 });
    await jobs.handle(request());
    await eventually('a report', () => worker.progress.length > 0, 2000);
    expect(worker.progress.at(-1)).toMatchObject({ bytesReceived: ARCHIVE.length, bytesExpected: ARCHIVE.length });
    await jobs.stop();
  });

  it('stops at once when the lease was lost, and says nothing more', async () => {
    server.answer = half;
    worker.leaseMs = 60;
    const jobs = fetcher();
    await jobs.handle(request());
    await eventually('a renewal', () => worker.progress.length > 0);
    worker.held = false;
    await eventually('the job to end', () => jobs.downloads === 0);
    expect([worker.completed, worker.failed, worker.released]).toEqual([[], [], 0]);
  });

  it('counts the lease by its own clock while the coordinator is away', async () => {
    server.answer = half;
    worker.leaseMs = 100;
    const jobs = fetcher();
    await jobs.handle(request());
    worker.outage = Infinity;
    await eventually('the job to end', () => jobs.downloads === 0, 1500);
    expect([worker.completed, worker.failed]).toEqual([[], []]);
  });

  it('stops at once when the run was cancelled', async () => {
    server.answer = half;
    worker.leaseMs = 60;
    worker.cancelled = true;
    const jobs = fetcher();
    await fetched(jobs);
    expect([worker.completed, worker.failed, worker.released]).toEqual([[], [], 1]);
  });

  it('hands its leases back when it stops, also while the broker takes nothing, and takes up nothing more', async () => {
    broker.gate = new Promise(() => undefined);
    const jobs = fetcher({}, { maxDownloads: 1, maxChunksInFlight: 1 });
    await jobs.handle(request());
    await eventually('the broker to be full', () => broker.waiting === 1);
    const waiting = jobs.handle(request());
    const stopped = jobs.stop();
    await expect(waiting).rejects.toMatchObject({ code: 'dependency_unavailable' });
    await stopped;
    await expect(jobs.handle(request())).rejects.toMatchObject({ code: 'dependency_unavailable' });
    expect([worker.released, worker.failed, worker.completed, worker.claims]).toEqual([1, [], [], 1]);
  });
});

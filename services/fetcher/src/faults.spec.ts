import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Catalog, loadCatalog } from '@freshet/catalog';
import { encodeMessage, TOPICS } from '@freshet/contracts';
import { silentLogger, type FailureCode } from '@freshet/domain';
import { probe, renderProbe } from '@freshet/publisher';
import { writeSimulatedDefinitions } from '@freshet/testing/processes';
import { startBseePublisher, type BseeFault, type BseePublisher } from '@freshet/testing/publishers';
import { FetchJobs } from './jobs/fetch-jobs';
import { DEFAULT_OPTIONS } from './options';
import { eventually, FakeBroker, FakeWorker, RUN, spec, TASK } from './testing/parts';

/** Every fault of the simulated publisher that a fetcher can see, and what must become of it. */
const FAULTS: ReadonlyArray<readonly [BseeFault, FailureCode | 'fetched', { requests?: number }?]> = [
  [{ kind: 'html' }, 'payload_html'],
  [{ kind: 'not-modified' }, 'http_client_error'],
  [{ kind: 'not-found' }, 'not_found'],
  [{ kind: 'server-error' }, 'http_server_error'],
  [{ kind: 'rate-limited', retryAfterSeconds: 9 }, 'rate_limited'],
  [{ kind: 'redirect', to: 'http://10.0.0.1/a.zip' }, 'address_not_public'],
  [{ kind: 'redirect', to: 'http://169.254.169.254/latest' }, 'address_not_public'],
  [{ kind: 'redirect-loop' }, 'too_many_redirects'],
  [{ kind: 'untrusted-tls' }, 'tls_failed'],
  [{ kind: 'empty-body' }, 'payload_empty'],
  [{ kind: 'not-a-zip' }, 'payload_unknown'],
  [{ kind: 'drop', atByte: 3_000 }, 'fetched', { requests: 1 }],
  [{ kind: 'stall', atByte: 3_000 }, 'fetched', { requests: 1 }],
  [{ kind: 'drip', bytes: 200, everyMs: 100 }, 'total_timeout'],
  [{ kind: 'no-length' }, 'fetched'],
  [{ kind: 'wrong-length', delta: 10 }, 'connection_lost'],
  [{ kind: 'wrong-length', delta: -10 }, 'archive_truncated'],
  [{ kind: 'changed-mid-resume', atByte: 3_000 }, 'upstream_changed'],
  [{ kind: 'truncate', bytes: 10 }, 'archive_truncated'],
  [{ kind: 'truncate', bytes: 22 }, 'archive_truncated'],
  [{ kind: 'truncate-share', keep: 0.5 }, 'archive_truncated'],
  [{ kind: 'corrupt-crc' }, 'archive_corrupt'],
  [{ kind: 'corrupt-data' }, 'archive_corrupt'],
  [{ kind: 'bomb', megabytes: 64 }, 'archive_bomb'],
  [{ kind: 'missing-member' }, 'resource_missing'],
  [{ kind: 'no-members' }, 'archive_empty'],
  [{ kind: 'unsafe-entry' }, 'archive_unsafe_entry'],
  [{ kind: 'encrypted' }, 'archive_unsupported'],
  [{ kind: 'unclosed-quote' }, 'unclosed_quote'],
  [{ kind: 'empty-member' }, 'resource_empty'],
  [{ kind: 'header-only' }, 'resource_empty'],
];

describe('against the simulated publisher', () => {
  const folder = mkdtempSync(join(tmpdir(), 'freshet-fetcher-'));
  let publisher: BseePublisher;
  let catalog: Catalog;
  beforeAll(async () => {
    publisher = await startBseePublisher({ scale: 'tiny' });
    writeSimulatedDefinitions(folder, publisher, {
      '*': { timeouts: { connect: '2s', stall: '300ms', total: '3s' } },
    });
    catalog = new Catalog(loadCatalog({ extraFolder: folder }).find('bsee'));
  });
  afterAll(async () => {
    await publisher.close();
    rmSync(folder, { recursive: true });
  });

  it.each(FAULTS.map(([fault, ending, limit = {}]) => [fault, ending, limit] as const))(
    '%j ends as %s %j',
    async (fault, ending, limit) => {
      const worker = new FakeWorker();
      const jobs = new FetchJobs(
        worker,
        new FakeBroker(),
        catalog,
        DEFAULT_OPTIONS,
        { service: 'fetcher', instance: 'x' },
        silentLogger,
      );
      const { id: dataset, contentVersion } = catalog.get('bsee.well');
      worker.spec = spec({ dataset, contentVersion });
      publisher.set('bsee.well', fault, limit);
      try {
        const meta = {
          type: 'fetch.requested',
          dataset,
          runId: RUN,
          taskId: TASK,
          attempt: 1,
          contentVersion,
        } as const;
        const place = { partition: 0, offset: '0', delivery: 1, headers: {}, signal: new AbortController().signal };
        await jobs.handle({ topic: TOPICS.fetchRequested, key: TASK, value: encodeMessage(meta), ...place });
        await eventually('the job to end', () => jobs.downloads === 0, 10_000);
      } finally {
        publisher.set('bsee.well', null);
        await jobs.stop();
      }
      const [failed] = worker.failed;
      expect(failed?.failure.code ?? worker.completed[0]?.outcome).toBe(ending);
      if (failed) expect(failed.failure.nextStep.length).toBeGreaterThan(20);
    },
  );

  it('is probed like the real one', async () => {
    const report = await probe(catalog.all());
    expect(
      report.datasets.map(({ dataset, access, payload }) => [
        dataset,
        access?.kind,
        payload?.class,
        payload?.resumable,
      ]),
    ).toEqual([
      ['bsee.production', 'portal', 'zip', true],
      ['bsee.war', 'portal', 'zip', true],
      ['bsee.well', 'portal', 'zip', true],
    ]);
    expect(report.datasets.every(({ portal }) => portal?.stamp && portal.asDeclared)).toBe(true);
    expect(report.apis.every(({ verdict }) => verdict === 'none')).toBe(true);
    expect(renderProbe(report)).toContain('API: none found');
  });
});

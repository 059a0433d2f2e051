/** Every fault of the publisher ends as its own named failure, or as a success after retry; the published generation stays whole. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunView } from '@freshet/contracts';
import type { FailureCode } from '@freshet/domain';
import {
  BSEE_ARCHIVES,
  publishedContent,
  startBseePublisher,
  startPostgres,
  startStandaloneProcess,
  type BseePublisher,
  type RunningDeployment,
  type RunningPostgres,
} from '@freshet/testing';
import { CONTRACTS, FAULT_CASES, MAX_ATTEMPTS, type FaultCase } from './fault-cases';

const RUN_TIMEOUT_MS = 60_000;
const table: string[][] = [];
const folder = mkdtempSync(join(tmpdir(), 'freshet-faults-'));
let publisher: BseePublisher;
let postgres: RunningPostgres;
let freshet: RunningDeployment;

beforeAll(async () => {
  [publisher, postgres] = await Promise.all([
    // Enough rows that one refused one is under the gate.
    startBseePublisher({ scale: 'tiny', rows: { mv_war_main: 400, mv_productiondata: 400 } }),
    startPostgres(),
  ]);
  const everywhere = {
    retry: { maxAttempts: MAX_ATTEMPTS, initialDelay: '100ms', maxDelay: '300ms' },
    timeouts: { connect: '3s', stall: '1s', total: '4s', growth: 0 },
    gates: { maxRefusedShare: 0.01, maxRowDrift: 0.5 },
    exports: [],
  };
  freshet = await startStandaloneProcess({
    postgres,
    publisher,
    folder,
    definitions: {
      '*': everywhere,
      ...Object.fromEntries(
        Object.entries(CONTRACTS).map(([dataset, contract]) => [dataset, { defaults: { contract } }]),
      ),
    },
  });
  // Something is published before anything goes wrong.
  for (const { dataset } of BSEE_ARCHIVES) expect((await refresh(dataset)).state).toBe('published');
}, 180_000);

afterAll(async () => {
  process.stdout.write(`\n${formatted(table)}\n`);
  await freshet?.stop();
  await publisher?.close();
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

afterEach(() => {
  for (const { dataset } of BSEE_ARCHIVES) publisher.set(dataset, null);
  publisher.setPortal({});
});

async function refresh(dataset: string): Promise<RunView> {
  const [run] = await freshet.client.startRefresh({ datasets: [dataset] });
  if (!run) throw new Error('no run was started');
  return freshet.client.waitForRun(run.id, { signal: AbortSignal.timeout(RUN_TIMEOUT_MS) });
}

/** The failure a run ended with; where its attempts were used up, the last one's. */
function failureOf(run: RunView): RunView['failure'] {
  if (run.failure?.code !== 'attempts_exhausted') return run.failure;
  return [...run.attempts].reverse().find(({ failure }) => failure)?.failure ?? run.failure;
}

const counted = (run: RunView): number => run.attempts.filter(({ end }) => end !== 'released').length;

it.each(FAULT_CASES.map((fault) => [fault.name, fault] as const))(
  '%s',
  async (_name, fault: FaultCase) => {
    const dataset = fault.dataset ?? 'bsee.well';
    const before = await publishedContent(postgres.url, dataset);
    const generation = (await freshet.client.dataset(dataset)).generation;
    publisher.revise(dataset);
    const truth = await publisher.truth(dataset);
    if (fault.portal) publisher.setPortal(fault.portal);
    if (fault.fault) publisher.set(dataset, fault.fault, { requests: fault.requests });

    const began = Date.now();
    const run = await refresh(dataset);
    const seconds = (Date.now() - began) / 1000;
    const failure = failureOf(run);
    table.push([
      fault.name,
      run.state,
      failure?.code ?? '',
      String(counted(run)),
      seconds.toFixed(1),
      failure ? `${failure.message} → ${failure.nextStep}` : accessOf(run),
    ]);

    const after = await publishedContent(postgres.url, dataset);
    if (typeof fault.ends === 'string') {
      expect({ state: run.state, failure: run.failure }).toEqual({ state: fault.ends, failure: null });
    } else {
      expect(run.state).toBe('failed');
      expect(fault.ends).toContain(failure?.code as FailureCode);
      expect(failure?.message.length).toBeGreaterThan(10);
      expect(failure?.nextStep.length).toBeGreaterThan(10);
    }
    if (fault.ends === 'published') {
      expect(run.generation).not.toBe(generation);
      const expected = (fault.requests === undefined && (await publisher.truth(dataset))) || truth;
      const refused = Object.fromEntries(run.resources.map((resource) => [resource.resource, resource.refused]));
      for (const { resource, records } of expected)
        expect((after[resource]?.rows ?? 0) + (refused[resource] ?? 0)).toBe(records);
      expect(Object.values(refused).reduce((sum, rows) => sum + rows, 0)).toBe(fault.refused ?? 0);
    } else {
      expect(after).toEqual(before);
      expect((await freshet.client.dataset(dataset)).generation).toBe(generation);
    }
    if (fault.attempts !== undefined) expect(counted(run)).toBe(fault.attempts);
    if (fault.access) expect(run.access?.kind).toBe(fault.access);
    if (fault.minimumMs) expect(seconds * 1000).toBeGreaterThanOrEqual(fault.minimumMs);
  },
  RUN_TIMEOUT_MS + 10_000,
);

const accessOf = (run: RunView): string =>
  [run.access?.kind ?? '', ...(run.access?.skipped ?? []).map(({ kind, reason }) => `(not ${kind}: ${reason})`)].join(
    ' ',
  );

function formatted(rows: readonly string[][]): string {
  const all = [['fault', 'outcome', 'code', 'attempts', 's', 'message → next step'], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) => row.map((cell, i) => (i < 5 ? cell.padEnd(widths[i] ?? 0) : cell)).join('  ')).join('\n');
}

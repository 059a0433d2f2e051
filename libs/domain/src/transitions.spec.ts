import fc from 'fast-check';
import { FreshetError, type FailureCode } from './failure';
import { canMove, isEnded, type RunState } from './run';
import type { TaskState } from './task';
import { decide, type DecideInput, type RunSnapshot } from './transitions';

const manifest = (outcome: 'fetched' | 'not_modified' = 'fetched') => ({
  outcome,
  access: { kind: 'url', url: 'https://publisher.example/a.zip', skipped: [] } as const,
  validators: {},
  bytesReceived: 10,
  resources:
    outcome === 'fetched' ? [{ resource: 'main', chunks: 1, records: 10, bytes: 100, sha256: 'x', header: [] }] : [],
  ignoredMembers: [],
});
const loaded = { resource: 'main', chunks: 1, records: 10, rows: 10, refused: 0, bytes: 100 };
const totals = [loaded];
const failure = (code: FailureCode) => new FreshetError(code, { message: code, nextStep: 'wait' }).toFailure();

interface Over extends Partial<Omit<RunSnapshot, 'task' | 'attempt'>> {
  task?: Partial<RunSnapshot['task']>;
  attempt?: Partial<RunSnapshot['attempt']>;
}
const snapshot = (over: Over = {}): RunSnapshot => ({
  state: 'running',
  cancelRequested: false,
  blocked: false,
  quietMs: 0,
  ledger: [],
  head: { sameDefinition: false, rows: {} },
  publication: null,
  exported: null,
  ...over,
  task: { state: 'leased', attempt: 1, tries: 1, dueInMs: 0, ...over.task },
  attempt: { end: null, failure: null, retryAfterMs: 0, manifest: null, leaseLeftMs: 30_000, ...over.attempt },
});
const on = (over: Over, definition: Partial<DecideInput['definition']> = {}) =>
  decide({
    snapshot: snapshot(over),
    definition: {
      gates: { maxRefusedShare: 0, maxRowDrift: null, uniqueKey: 'hold' },
      resources: [],
      exports: [],
      retry: { maxAttempts: 3, initialDelayMs: 1000, maxDelayMs: 8000 },
      ...definition,
    },
    limits: { unclaimedMs: 60_000, noProgressMs: 300_000, commandMs: 60_000 },
    random: () => 0,
  });
const fetched = { task: { state: 'fetched' }, attempt: { end: 'fetched', manifest: manifest() } } as const;

describe('a queued run', () => {
  it('starts, and announces its first attempt', () => {
    expect(on({ state: 'queued', task: { state: 'waiting' } })).toMatchObject({
      run: 'running',
      task: { state: 'issued', attempt: 1 },
      commands: ['fetch'],
    });
  });
  it('waits for an older run of its dataset', () => {
    expect(on({ state: 'queued', blocked: true, task: { state: 'waiting' } })).toBeNull();
  });
});

describe('a running run', () => {
  it('issues an attempt when it is due, and not before', () => {
    expect(on({ task: { state: 'waiting', dueInMs: 1 } })).toBeNull();
    expect(on({ task: { state: 'waiting', dueInMs: 0, attempt: 2 } })).toMatchObject({
      why: 'issue',
      task: { state: 'issued', attempt: 2 },
      commands: ['fetch'],
    });
  });
  it('announces an attempt again that nobody claims, at no cost', () => {
    expect(on({ task: { state: 'issued' }, quietMs: 59_999 })).toBeNull();
    expect(on({ task: { state: 'issued' }, quietMs: 60_000 })).toMatchObject({
      why: 'announce_again',
      task: { attempt: 1, tries: 1 },
      commands: ['fetch'],
    });
  });
  it('replaces an attempt whose lease ran out', () => {
    expect(on({ attempt: { leaseLeftMs: 0 } })).toMatchObject({
      task: { state: 'waiting', attempt: 2, tries: 2, delayMs: 0 },
      attemptEnd: 'expired',
      failure: { code: 'lease_expired' },
    });
  });
  it('replaces an attempt handed back, at no cost', () => {
    expect(on({ attempt: { end: 'released' } })).toMatchObject({
      task: { state: 'waiting', attempt: 2, tries: 1, delayMs: 0 },
      attemptEnd: 'released',
      failure: null,
    });
  });
  it('replaces a lease that is renewed without any progress', () => {
    expect(on({ quietMs: 300_000 })).toMatchObject({ task: { attempt: 2 }, failure: { code: 'no_progress' } });
  });
  it('ends at once, fenced, on a terminal failure', () => {
    expect(on({ attempt: { end: 'failed', failure: failure('payload_html') } })).toMatchObject({
      run: 'failed',
      task: { state: 'failed', attempt: 2 },
      failure: { code: 'payload_html' },
      commands: ['discard', 'ended'],
    });
  });
  it('gives up at the bound', () => {
    expect(on({ task: { tries: 3, attempt: 5 }, attempt: { failure: failure('stalled') } })).toMatchObject({
      run: 'failed',
      failure: { code: 'attempts_exhausted' },
    });
  });
  it('takes a report that came in just before the lease ran out', () => {
    expect(on({ attempt: { end: 'fetched', manifest: manifest(), leaseLeftMs: -5 } })).toMatchObject({
      why: 'accept',
      task: { state: 'fetched' },
    });
  });
  it('is unchanged when the publisher says so, and asks again when there is nothing to compare with', () => {
    const attempt = { end: 'fetched', manifest: manifest('not_modified') } as const;
    expect(on({ attempt, head: { sameDefinition: true, rows: {} } })).toMatchObject({
      run: 'unchanged',
      task: { state: 'done' },
      commands: ['ended'],
    });
    expect(on({ attempt })).toMatchObject({
      run: 'running',
      task: { attempt: 2 },
      failure: { code: 'upstream_changed' },
    });
  });
});

describe('a fetched attempt', () => {
  it('waits for its chunks, and is replaced when they never come', () => {
    expect(on({ ...fetched, quietMs: 299_999 })).toBeNull();
    expect(on({ ...fetched, quietMs: 300_000 })).toMatchObject({
      task: { state: 'waiting', attempt: 2 },
      failure: { code: 'no_progress', attributes: { missingChunks: 1 } },
    });
  });
  it('handed back, it is replaced at no cost unless everything had arrived', () => {
    const released = { task: { state: 'fetched' }, attempt: { end: 'released', manifest: manifest() } } as const;
    expect(on(released)).toMatchObject({ task: { state: 'waiting', attempt: 2, tries: 1 }, attemptEnd: 'released' });
    expect(on({ ...released, ledger: totals })).toMatchObject({ run: 'publishing' });
  });
  it('is published when it balances and the gates hold', () => {
    expect(on({ ...fetched, ledger: totals })).toMatchObject({
      run: 'publishing',
      task: { state: 'fetched', attempt: 1 },
      commands: ['publish'],
    });
  });
  it('is tried again when it does not balance', () => {
    expect(on({ ...fetched, ledger: [{ ...loaded, bytes: 99 }] })).toMatchObject({
      run: 'running',
      task: { attempt: 2 },
      failure: { code: 'balance_mismatch' },
    });
  });
  it('ends the run when a gate does not hold', () => {
    expect(on({ ...fetched, ledger: [{ ...loaded, rows: 9, refused: 1 }] })).toMatchObject({
      run: 'failed',
      failure: { code: 'gate_refused_share' },
    });
  });
  it('fails when a later stage says so, although it was fetched', () => {
    expect(
      on({
        task: { state: 'fetched' },
        attempt: { ...fetched.attempt, failure: failure('column_unknown') },
        ledger: totals,
      }),
    ).toMatchObject({ run: 'failed', failure: { code: 'column_unknown' } });
  });
});

describe('a publishing run', () => {
  const publishing = { ...fetched, state: 'publishing' } as const;
  it('repeats the command when no outcome comes', () => {
    expect(on({ ...publishing, quietMs: 59_999 })).toBeNull();
    expect(on({ ...publishing, quietMs: 60_000 })).toMatchObject({
      why: 'publish_again',
      run: 'publishing',
      commands: ['publish'],
    });
  });
  it('goes on to its exports, or ends when it has none', () => {
    const published = { ...publishing, publication: { outcome: 'published', failure: null } } as const;
    expect(on(published)).toMatchObject({ run: 'published', task: { state: 'done' }, commands: ['retain', 'ended'] });
    expect(on(published, { exports: [{ kind: 'pickle', folder: 'x', dtypes: 'legacy', warnBytes: 1 }] })).toMatchObject(
      { run: 'exporting', commands: ['export'] },
    );
  });
  it('ends as unchanged, or as failed with what the loader met', () => {
    expect(on({ ...publishing, publication: { outcome: 'unchanged', failure: null } })).toMatchObject({
      run: 'unchanged',
      commands: ['discard', 'ended'],
    });
    expect(
      on({ ...publishing, publication: { outcome: 'refused', failure: failure('gate_duplicate_key') } }),
    ).toMatchObject({ run: 'failed', failure: { code: 'gate_duplicate_key' }, commands: ['discard', 'ended'] });
  });
  it('is not cancelled any more', () => {
    expect(on({ ...publishing, cancelRequested: true })).toBeNull();
  });
});

describe('an exporting run', () => {
  const exporting = { state: 'exporting', task: { state: 'done' } } as const;
  it('ends when the files are written, fails when they cannot be, and keeps asking while nothing is said', () => {
    expect(on({ ...exporting, exported: { outcome: 'written', failure: null } })).toMatchObject({
      run: 'published',
      commands: ['retain', 'ended'],
    });
    expect(on({ ...exporting, exported: { outcome: 'failed', failure: failure('export_failed') } })).toMatchObject({
      run: 'failed',
      failure: { code: 'export_failed' },
      commands: ['retain', 'ended'],
    });
    expect(on({ ...exporting, quietMs: 60_000 })).toMatchObject({ why: 'export_again', commands: ['export'] });
  });
});

describe('any snapshot', () => {
  const failures = fc.option(fc.constantFrom<FailureCode>('stalled', 'payload_html', 'dead_lettered').map(failure), {
    nil: null,
  });
  const anySnapshot: fc.Arbitrary<RunSnapshot> = fc.record({
    state: fc.constantFrom<RunState>(
      'queued',
      'running',
      'publishing',
      'exporting',
      'published',
      'unchanged',
      'failed',
      'cancelled',
    ),
    cancelRequested: fc.boolean(),
    blocked: fc.boolean(),
    quietMs: fc.constantFrom(0, 59_999, 60_000, 1_000_000),
    task: fc.record({
      state: fc.constantFrom<TaskState>('waiting', 'issued', 'leased', 'fetched', 'done', 'failed', 'cancelled'),
      attempt: fc.integer({ min: 1, max: 9 }),
      tries: fc.integer({ min: 1, max: 4 }),
      dueInMs: fc.constantFrom(-1, 0, 1),
    }),
    attempt: fc.record({
      end: fc.constantFrom('fetched' as const, 'failed' as const, 'released' as const, null),
      failure: failures,
      retryAfterMs: fc.nat(1000),
      manifest: fc.option(fc.constantFrom(manifest(), manifest('not_modified')), { nil: null }),
      leaseLeftMs: fc.constantFrom(null, -1, 0, 1),
    }),
    ledger: fc.constantFrom([], totals),
    head: fc.record({ sameDefinition: fc.boolean(), rows: fc.constant({}) }),
    publication: fc.option(
      fc.record({
        outcome: fc.constantFrom('published' as const, 'unchanged' as const, 'refused' as const),
        failure: failures,
      }),
      { nil: null },
    ),
    exported: fc.option(
      fc.record({ outcome: fc.constantFrom('written' as const, 'failed' as const), failure: failures }),
      { nil: null },
    ),
  });

  it('only ever moves along the states, never lowers the attempt, and says so when a run ends', () => {
    fc.assert(
      fc.property(anySnapshot, (any) => {
        const next = on(any);
        if (!next) return;
        expect(isEnded(any.state)).toBe(false);
        expect(next.from).toEqual({ run: any.state, task: any.task.state, attempt: any.task.attempt });
        if (next.run !== any.state) expect(canMove(any.state, next.run)).toBe(true);
        expect(next.task.attempt).toBeGreaterThanOrEqual(any.task.attempt);
        expect(next.commands.includes('ended')).toBe(isEnded(next.run));
        if (next.run === 'failed') expect(next.failure).not.toBeNull();
        // A run that ends without its rows fences them out and has them dropped.
        if (next.run === 'cancelled' || (next.run === 'failed' && any.state !== 'exporting')) {
          expect(next.task.attempt).toBeGreaterThan(any.task.attempt);
          expect(next.commands).toContain('discard');
        }
        // Never a transition that changes nothing and says nothing.
        expect(next.run !== any.state || next.task.state !== any.task.state || next.commands.length > 0).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });
});

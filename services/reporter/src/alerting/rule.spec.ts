import type { AlertHistory, EndedRun } from '@freshet/database';
import { notificationId } from './event';
import { decideAlerts } from './rule';

const HOUR = 3_600_000;
const NOW = new Date('2026-11-20T12:00:00Z');
const policy = { alertAfterFailures: 1, maxAgeSeconds: 36 * 3600 };
const hoursAgo = (hours: number): Date => new Date(NOW.getTime() - hours * HOUR);
const failure = {
  code: 'stalled',
  kind: 'transient',
  message: 'nothing came',
  nextStep: 'wait',
  attributes: {},
} as const;
const run = (state: EndedRun['state'], hours: number): EndedRun => ({
  id: `${state}-${hours}`,
  state,
  endedAt: hoursAgo(hours),
  failure: state === 'failed' ? failure : null,
});
const history = (changes: Partial<AlertHistory>): AlertHistory => ({
  runs: [run('published', 1)],
  told: [],
  confirmedAt: hoursAgo(1),
  ...changes,
});
const kinds = (changes: Partial<AlertHistory>, after = 1): string[] =>
  decideAlerts(history(changes), { ...policy, alertAfterFailures: after }, NOW).tell.map(({ kind }) => kind);

describe('decideAlerts', () => {
  it('says nothing about a dataset that is well', () => {
    expect(decideAlerts(history({}), policy, NOW)).toEqual({ tell: [], consecutiveFailures: 0, alerting: false });
  });

  it('tells a failure once, however often it is looked at and however often it fails again', () => {
    const failed = history({ runs: [run('failed', 1), run('published', 2)] });
    const first = decideAlerts(failed, policy, NOW);
    expect(first).toMatchObject({
      consecutiveFailures: 1,
      alerting: true,
      tell: [{ kind: 'failed', condition: 'since run failed-1' }],
    });
    const told = [{ id: 'n1', kind: 'failed' as const }];
    expect(decideAlerts({ ...failed, told }, policy, NOW)).toMatchObject({ tell: [], alerting: true });
    expect(kinds({ runs: [run('failed', 0), run('failed', 1), run('published', 2)], told })).toEqual([]);
  });

  it('names the condition by the first failure and reports the newest', () => {
    const [telling] = decideAlerts(
      history({ runs: [run('failed', 1), run('failed', 3), run('published', 9)] }),
      policy,
      NOW,
    ).tell;
    expect(telling).toMatchObject({ condition: 'since run failed-3', run: { id: 'failed-1' } });
  });

  it('waits for as many failures as the policy says', () => {
    expect(kinds({ runs: [run('failed', 1), run('published', 9)] }, 2)).toEqual([]);
    expect(kinds({ runs: [run('failed', 1), run('failed', 2), run('published', 9)] }, 2)).toEqual(['failed']);
  });

  it('does not take a late message about an old failure for a new one', () => {
    expect(kinds({ runs: [run('unchanged', 1)] })).toEqual([]);
  });

  it('tells staleness once, apart from failures, also when nothing ever ran', () => {
    const old = hoursAgo(36);
    expect(kinds({ confirmedAt: old })).toEqual(['stale']);
    expect(kinds({ confirmedAt: old, runs: [] })).toEqual(['stale']);
    expect(kinds({ confirmedAt: old, runs: [run('failed', 1)] })).toEqual(['failed', 'stale']);
    expect(kinds({ confirmedAt: old, told: [{ id: 'n', kind: 'stale' }] })).toEqual([]);
    expect(kinds({ confirmedAt: hoursAgo(35.9) })).toEqual([]);
  });

  it('tells a recovery once everything that was told has ended', () => {
    const told = [
      { id: 'n1', kind: 'failed' as const },
      { id: 'n2', kind: 'stale' as const },
    ];
    expect(kinds({ told, runs: [run('failed', 1)] })).toEqual([]);
    expect(kinds({ told, confirmedAt: hoursAgo(40) })).toEqual([]);
    const recovered = decideAlerts(history({ told }), policy, NOW);
    expect(recovered).toMatchObject({
      alerting: false,
      tell: [{ kind: 'recovered', condition: 'from n2', run: { id: 'published-1' } }],
    });
  });
});

describe('notificationId', () => {
  it('is a UUID that depends on dataset, kind and condition alone', () => {
    const id = notificationId('bsee.well', { kind: 'failed', condition: 'since run 1' });
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(notificationId('bsee.well', { kind: 'failed', condition: 'since run 1' })).toBe(id);
    expect(notificationId('bsee.war', { kind: 'failed', condition: 'since run 1' })).not.toBe(id);
    expect(notificationId('bsee.well', { kind: 'recovered', condition: 'since run 1' })).not.toBe(id);
  });
});

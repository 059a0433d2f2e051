import { tickKey } from '@freshet/domain';
import { startOf } from './job';

const NOW = new Date('2026-11-20T10:15:04Z');
const minutes = (at: string): number => Date.parse(at) / 60_000;
const inJob = (job: string, more: object = {}) =>
  startOf({ FRESHET_CRONJOB_NAME: 'freshet-bsee-well', FRESHET_JOB_NAME: job, ...more }, NOW);
const keyOf = (start: ReturnType<typeof startOf>): string =>
  start.trigger === 'schedule' ? start.key('bsee.well') : start.key;

describe('the start of a refresh', () => {
  it('is by schedule in a Job that the CronJob created, under the key of the scheduler in the coordinator', () => {
    const start = inJob(`freshet-bsee-well-${minutes('2026-11-20T10:15:00Z')}`);
    expect(start.trigger).toBe('schedule');
    expect(keyOf(start)).toBe(tickKey('bsee.well', new Date('2026-11-20T10:15:00Z')));
  });

  it('has the key of the tick of the definition when the CronJob is delayed against it', () => {
    const start = inJob(`freshet-bsee-well-${minutes('2026-11-20T10:15:00Z')}`, {
      FRESHET_SCHEDULE_DELAY_SECONDS: 420,
    });
    expect(keyOf(start)).toBe(tickKey('bsee.well', new Date('2026-11-20T10:08:00Z')));
  });

  it.each([
    'manual-1',
    'freshet-bsee-well-2',
    'freshet-bsee-well-manual',
    'freshet-bsee-well-29000000',
    'freshet-bsee-war-29744655',
  ])('is manual in the Job %s, and the same for every pod of it', (job) => {
    const start = inJob(job, { FRESHET_JOB_UID: 'u1' });
    expect(start).toEqual({ trigger: 'manual', key: 'job:u1' });
  });

  it('is manual outside of Kubernetes, each time anew', () => {
    const outside = () => startOf({}, NOW);
    expect(outside().trigger).toBe('manual');
    expect(keyOf(outside())).not.toBe(keyOf(outside()));
  });

  it('takes the tick of another scheduler', () => {
    const start = inJob('x', { FRESHET_SCHEDULED_AT: '2026-11-20T05:15:00-05:00' });
    expect(keyOf(start)).toBe(tickKey('bsee.well', new Date('2026-11-20T10:15:00Z')));
    expect(() => inJob('x', { FRESHET_SCHEDULED_AT: 'yesterday' })).toThrow('is not an RFC 3339 instant');
  });
});

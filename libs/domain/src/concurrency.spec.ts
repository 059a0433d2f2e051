import { admit } from './concurrency';

const running = { id: 'a', state: 'running' } as const;
const publishing = { id: 'b', state: 'publishing' } as const;

describe('admission of a run', () => {
  it('is free while nothing of the dataset runs', () => {
    for (const policy of ['forbid', 'queue', 'replace'] as const)
      expect(admit(policy, [])).toEqual({ admit: true, cancel: [] });
  });

  it('forbid refuses and names the run in the way', () => {
    expect(admit('forbid', [running])).toEqual({ admit: false, running: 'a' });
  });

  it('queue lets it wait', () => {
    expect(admit('queue', [running, publishing])).toEqual({ admit: true, cancel: [] });
  });

  it('replace cancels what can still be cancelled, and not what is being published', () => {
    expect(admit('replace', [running, publishing])).toEqual({ admit: true, cancel: ['a'] });
  });
});

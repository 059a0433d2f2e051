import { Repeated } from './repeat';

describe('Repeated', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('goes on after an error, and never overlaps', async () => {
    let turns = 0;
    const errors: unknown[] = [];
    const repeated = new Repeated(
      100,
      async () => {
        turns += 1;
        if (turns === 1) throw new Error('once');
      },
      (error) => errors.push(error),
      () => 0,
    );
    repeated.start();
    await jest.advanceTimersByTimeAsync(250);
    await repeated.stop();
    expect(turns).toBe(3);
    expect(errors).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(1000);
    expect(turns).toBe(3);
  });

  it('takes another turn at once when woken during one, and waits for it when stopped', async () => {
    let turns = 0;
    let finish = (): void => undefined;
    const repeated = new Repeated(
      1000,
      () => {
        turns += 1;
        return new Promise<void>((resolve) => (finish = resolve));
      },
      () => undefined,
      () => 0,
    );
    repeated.start();
    repeated.wake();
    repeated.wake();
    expect(turns).toBe(1);
    finish();
    await jest.advanceTimersByTimeAsync(1);
    expect(turns).toBe(2);
    let stopped = false;
    const stopping = repeated.stop().then(() => (stopped = true));
    await jest.advanceTimersByTimeAsync(1);
    expect(stopped).toBe(false);
    finish();
    await stopping;
  });
});

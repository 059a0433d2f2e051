import { Loop } from './loop';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a loop', () => {
  const make = (work: () => Promise<number>) => {
    const errors: unknown[] = [];
    return { errors, loop: new Loop(work, { onError: (error) => errors.push(error), errorPauseMs: 60_000 }) };
  };

  it('pauses as long as its work asks, and not when it is woken', async () => {
    let turns = 0;
    const { loop } = make(async () => ((turns += 1), 60_000));
    loop.start();
    await turn();
    expect(turns).toBe(1);
    loop.wake();
    await turn();
    expect(turns).toBe(2);
    await loop.stop();
    loop.wake();
    await turn();
    expect(turns).toBe(2);
  });

  it('turns once more when it is woken during its work', async () => {
    let turns = 0;
    const { loop } = make(async () => {
      turns += 1;
      if (turns === 1) loop.wake();
      return 60_000;
    });
    loop.start();
    await turn();
    expect(turns).toBe(2);
    await loop.stop();
  });

  it('goes on after an error, and finishes its work before it stops', async () => {
    let finish = (): void => undefined;
    let turns = 0;
    const { loop, errors } = make(async () => {
      turns += 1;
      if (turns === 1) throw new Error('once');
      await new Promise<void>((resolve) => (finish = resolve));
      return 0;
    });
    loop.start();
    await turn();
    expect(errors).toHaveLength(1);
    loop.wake();
    await turn();
    const stopping = loop.stop().then(() => 'stopped');
    expect(await Promise.race([stopping, turn().then(() => 'works')])).toBe('works');
    finish();
    expect(await stopping).toBe('stopped');
    expect(loop.silentMs()).toBe(0);
  });
});

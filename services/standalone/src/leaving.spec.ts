import { Interrupted, Leaving } from './leaving';

describe('leaving', () => {
  const before = new Map((['SIGINT', 'SIGTERM'] as const).map((name) => [name, process.listeners(name)]));
  const codes: number[] = [];
  let leaving: Leaving;
  beforeEach(() => {
    codes.length = 0;
    jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    leaving = new Leaving((code) => void codes.push(code));
  });
  afterEach(() => {
    jest.restoreAllMocks();
    for (const [name, listeners] of before) {
      for (const listener of process.listeners(name)) if (!listeners.includes(listener)) process.off(name, listener);
    }
  });

  it('interrupts a start, which then stops what it has begun', async () => {
    process.emit('SIGTERM');
    expect(leaving.signal.reason).toBeInstanceOf(Interrupted);
    expect(leaving.code).toBe(143);
    const stop = jest.fn(async () => undefined);
    leaving.by(stop);
    await Promise.resolve();
    expect([stop.mock.calls.length, codes]).toEqual([1, [0]]);
  });

  it('stops in order once, and ends at once on a second signal', async () => {
    const stop = jest.fn(() => new Promise<void>(() => undefined));
    leaving.by(stop);
    process.emit('SIGINT');
    expect(codes).toEqual([]);
    process.emit('SIGINT');
    expect([stop.mock.calls.length, codes]).toEqual([1, [130]]);
  });

  it('ends with 1 when it cannot go on, in order where that is possible', async () => {
    const said = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    leaving.by(async () => undefined);
    leaving.fail('the database is gone');
    expect(said).toHaveBeenCalledWith('the database is gone\n');
    await Promise.resolve();
    expect([leaving.code, codes]).toEqual([1, [1]]);
  });

  it('ends with 1 when the orderly end takes too long', async () => {
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    leaving.by(() => new Promise<void>(() => undefined));
    leaving.fail('the database is gone', 10);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(codes).toEqual([1]);
  });
});

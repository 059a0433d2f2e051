import { Recent } from './recent';

describe('Recent', () => {
  it('loads once for readers at the same time, and again when the value is too old', async () => {
    let now = 0;
    let loads = 0;
    const recent = new Recent(
      async () => (loads += 1),
      1_000,
      () => now,
    );
    expect(await Promise.all([recent.read(), recent.read()])).toEqual([1, 1]);
    now = 999;
    expect(await recent.read()).toBe(1);
    now = 1_000;
    expect(await recent.read()).toBe(2);
  });

  it('passes a failure on and tries again with the next reader', async () => {
    let broken = true;
    const recent = new Recent(async () => {
      if (broken) throw new Error('no database');
      return 'value';
    }, 1_000);
    await expect(recent.read()).rejects.toThrow('no database');
    broken = false;
    expect(await recent.read()).toBe('value');
  });
});

import { Turns } from './turns';

describe('turns', () => {
  it('are taken by so many at a time, in order, also after a failure', async () => {
    const turns = new Turns(1);
    const began: string[] = [];
    let fail = (_: Error): void => undefined;
    const first = turns.take(true, () => {
      began.push('first');
      return new Promise<void>((_, reject) => (fail = reject));
    });
    const second = turns.take(true, () => Promise.resolve(void began.push('second')));
    const third = turns.take(true, () => Promise.resolve(void began.push('third')));
    await turns.take(false, () => Promise.resolve(void began.push('small')));
    expect(began).toEqual(['first', 'small']);
    fail(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    await Promise.all([second, third]);
    expect(began).toEqual(['first', 'small', 'second', 'third']);
  });
});

import { Complaints } from './complaints';

describe('complaints', () => {
  it('are made once a minute, and at once when they change or came back', () => {
    let now = 0;
    const complaints = new Complaints(() => now);
    const said = (about: string, text: string): boolean => complaints.isNew(about, text);
    expect([said('a', 'x'), said('a', 'x'), said('b', 'x'), said('a', 'y')]).toEqual([true, false, true, true]);
    now = 59_999;
    expect(said('a', 'y')).toBe(false);
    now = 60_000;
    expect(said('a', 'y')).toBe(true);
    complaints.forget('a');
    expect(said('a', 'y')).toBe(true);
    complaints.keep(['b']);
    expect([said('a', 'y'), said('b', 'x'), said('b', 'x')]).toEqual([true, true, false]);
  });
});

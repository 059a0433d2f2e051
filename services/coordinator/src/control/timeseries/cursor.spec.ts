import { decodeCursor, encodeCursor } from './cursor';

const read = ([id]: unknown[]): number | null => (typeof id === 'number' ? id : null);

describe('cursors', () => {
  const request = { series: ['PJM.demand'], from: '2026-01-01' };

  it('give back the key where a page ended', () => {
    expect(decodeCursor(request, encodeCursor(request, [17]), read)).toBe(17);
  });

  it('are refused by another request, and when somebody made them up', () => {
    expect(() => decodeCursor({ ...request, from: '2025-01-01' }, encodeCursor(request, [17]), read)).toThrow(
      'it belongs to another request',
    );
    for (const made of ['x', 'W10', Buffer.from('{"a":1}').toString('base64url'), encodeCursor(request, ['17'])])
      expect(() => decodeCursor(request, made, read)).toThrow('cursor: it');
  });
});

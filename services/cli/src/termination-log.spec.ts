import { TERMINATION_LOG_BYTES, terminationText, writeTerminationLog, type Reason } from './termination-log';

const failed = (n: number, message = 'the publisher answered 503'): Reason => ({
  what: `bsee.d${n}: run ${n} failed: http_server_error`,
  message,
  nextStep: 'Retried at the next tick.',
});

describe('the termination message', () => {
  it('says what failed, why, and what to do next', () => {
    expect(terminationText([failed(1)])).toBe(
      'bsee.d1: run 1 failed: http_server_error\nthe publisher answered 503\nNext step: Retried at the next tick.',
    );
  });

  it('shortens every reason when together they are too long, and keeps the first line of each', () => {
    const text = terminationText([1, 2, 3].map((n) => failed(n, 'x'.repeat(4000))));
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(TERMINATION_LOG_BYTES);
    for (const n of [1, 2, 3]) expect(text).toContain(`bsee.d${n}: run ${n} failed: http_server_error\nxxx`);
  });

  it('counts the reasons that do not fit', () => {
    const text = terminationText(Array.from({ length: 100 }, (_, n) => failed(n, 'x'.repeat(300))));
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(TERMINATION_LOG_BYTES);
    const shown = text.match(/^bsee\./gm)?.length ?? 0;
    expect(shown).toBeGreaterThan(10);
    expect(text).toMatch(new RegExp(`… and ${100 - shown} more$`));
  });

  it.each([0, 1, 2, 3])('never splits a character (shifted by %i bytes)', (shift) => {
    const text = terminationText([{ what: `${'a'.repeat(shift)}${'𝄞é'.repeat(2000)}` }]);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(TERMINATION_LOG_BYTES);
    expect(Buffer.byteLength(text)).toBeGreaterThan(TERMINATION_LOG_BYTES - 8);
    expect(text).not.toContain('\ufffd');
    expect(text.endsWith('…')).toBe(true);
  });

  it('shows control characters of the publisher instead of passing them on', () => {
    expect(terminationText([{ what: 'a', message: 'b\u001b[2J' }])).toBe('a\nb\\u001b[2J');
  });

  it('tells when its file cannot be written', () => {
    expect(writeTerminationLog('/nowhere/log', [failed(1)])).toBe(
      'FRESHET_TERMINATION_LOG: /nowhere/log cannot be written (ENOENT)',
    );
  });
});

import { PATTERN_VALUE_LIMIT, unsafePattern } from './safe-pattern';

describe('unsafePattern', () => {
  it.each([
    '^[0-9]{12}$',
    '^ST[0-9]{2}BP[0-9]{2}$',
    '^(?:G|P)[0-9]+$',
    '^[A-Z]{1,2} ?[0-9]+$',
    '^(ab){3}$',
    '^\\d+\\.\\d+$',
    '^[(+*]+$',
    '^\\(\\d+\\)+$',
  ])('accepts %s', (pattern) => expect(unsafePattern(pattern)).toBeNull());

  it.each([
    ['^(a+)+$', 'repeated group'],
    ['^(a|aa)+$', 'repeated group'],
    ['^(?:a?){30}a{30}$', 'repeated group'],
    ['^((a)*b)*$', 'repeated group'],
    ['^a*a*a*a*b$', 'open repetitions'],
    ['^a?a?a?a?a?a?a?a?a?a?a?$', 'optional parts'],
    ['^(?=a).*$', 'lookaround'],
    ['^(a)\\1$', 'back references'],
    ['^[a$', 'Invalid regular expression'],
    [`^${'a'.repeat(200)}$`, 'longer than'],
  ])('refuses %s', (pattern, reason) => expect(unsafePattern(pattern)).toContain(reason));

  it('leaves nothing that is slow on the longest value it will meet', () => {
    const started = process.hrtime.bigint();
    expect(/^a*a*a*b$/u.test('a'.repeat(PATTERN_VALUE_LIMIT))).toBe(false);
    expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(1000);
  });
});

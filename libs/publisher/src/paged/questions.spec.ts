import { planQuestions } from './questions';

const FROM = '2026-11-10T00:00:00.000Z';
const hours = (count: number): { from: string; to: string } => ({
  from: FROM,
  to: new Date(Date.parse(FROM) + count * 3_600_000).toISOString(),
});

/** Each question as `values × hours`. */
function plan(
  pageSize: number,
  recordsPerHour: number,
  window: ReturnType<typeof hours> | null,
  values: string,
): string[] {
  return planQuestions({ pageSize, recordsPerHour }, 3600, window, values.split('')).map((question) => {
    const { from = FROM, to = FROM } = question.window ?? {};
    return `${question.values.join('')}×${(new Date(to).getTime() - new Date(from).getTime()) / 3_600_000}`;
  });
}

describe('questions', () => {
  it.each<[string, ReturnType<typeof plan>, string[]]>([
    ['one, where all fits a page', plan(5000, 1, hours(72), 'abcde'), ['abcde×72']],
    ['one, where it fits exactly', plan(360, 1, hours(72), 'abcde'), ['abcde×72']],
    ['equal parts of the window, all values together', plan(359, 1, hours(72), 'abcde'), ['abcde×36', 'abcde×36']],
    ['parts of whole hours', plan(20, 1, hours(10), 'abcde'), ['abcde×3', 'abcde×3', 'abcde×4']],
    [
      'the values, where an hour of all is too much',
      plan(25, 10, hours(2), 'abcde'),
      ['ab×1', 'cd×1', 'e×1', 'ab×1', 'cd×1', 'e×1'],
    ],
    ['one value and one hour at least', plan(5, 10, hours(2), 'ab'), ['a×1', 'b×1', 'a×1', 'b×1']],
    ['one without a window', plan(5, 10, null, 'ab'), ['ab×0']],
  ])('are %s', (_, made, expected) => expect(made).toEqual(expected));

  it('cover the window without overlap or hole', () => {
    for (const count of [1, 7, 100, 8761]) {
      const made = planQuestions({ pageSize: 5000, recordsPerHour: 9.5 }, 3600, hours(count), [...'abcde']);
      const seams = made.map(({ window }) => [window?.from.getTime(), window?.to.getTime()]);
      expect(seams[0]?.[0]).toBe(Date.parse(FROM));
      expect(seams.at(-1)?.[1]).toBe(Date.parse(hours(count).to));
      for (const [index, [from]] of seams.entries()) if (index > 0) expect(from).toBe(seams[index - 1]?.[1]);
      for (const { window } of made) {
        const length = ((window?.to.getTime() ?? 0) - (window?.from.getTime() ?? 0)) / 3_600_000;
        expect(length * 9.5 * 5).toBeLessThanOrEqual(5000);
      }
    }
  });
});

import { startEiaPublisher } from '@freshet/testing/publishers';
import { DEMO_PUBLISHER, eiaSteps } from './demo-eia';

const RESPONDENTS = ['CISO', 'ERCO', 'MISO', 'PJM', 'SWPP'];
const HOUR_MS = 3_600_000;
const optionOf = (command: readonly string[], name: string): string => command[command.indexOf(name) + 1] ?? '';
const stamp = (at: number): string => new Date(at).toISOString().slice(0, 13);

/** The rows that the demo's first refresh of hourly data is answered with at that time, by dataset. */
async function rowsAt(now: Date): Promise<Record<string, number>> {
  const eia = await startEiaPublisher({ ...DEMO_PUBLISHER, now: () => now });
  try {
    const [refresh] = eiaSteps(eia, now);
    // The stamp of a row ends its hour, and a refresh asks for the hour that has begun, too.
    const from = stamp(Date.parse(optionOf(refresh?.command ?? [], '--from')) + HOUR_MS);
    const to = stamp(now.getTime() + HOUR_MS);
    return {
      'eia.demand': eia.truth('region-data', { respondent: RESPONDENTS, type: 'D' }, from, to).length,
      'eia.fuel-mix': eia.truth('fuel-type-data', { respondent: RESPONDENTS }, from, to).length,
      'eia.interchange': eia.truth('interchange-data', { fromba: RESPONDENTS }, from, to).length,
      'eia.forecast': eia.truth('region-data', { respondent: RESPONDENTS, type: 'DF' }, from, to).length,
    };
  } finally {
    await eia.stop();
  }
}

describe('the hourly data of the demo', () => {
  it.each([
    ['an ordinary day', '2026-11-20T14:00:00Z'],
    ['the first minute of a day', '2026-11-26T00:00:00Z'],
    ['the last minute of a year', '2027-12-31T23:59:59Z'],
    ['29 February', '2028-02-29T12:00:00Z'],
    ['the day after', '2028-03-01T05:30:00Z'],
    ['the clocks going forward', '2027-03-14T07:00:00Z'],
    ['the clocks going back', '2027-11-07T06:00:00Z'],
  ])('has the number of rows that the README shows, on %s', async (_, now) => {
    expect(await rowsAt(new Date(now))).toEqual({
      'eia.demand': 589,
      'eia.fuel-mix': 3_744,
      'eia.interchange': 3_840,
      'eia.forecast': 605,
    });
  });
});

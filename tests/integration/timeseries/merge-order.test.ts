import 'reflect-metadata';
import { createHash } from 'node:crypto';
import { startPostgres, type RunningPostgres } from '@freshet/testing/postgres';
import fc from 'fast-check';
import { HOUR, MergeWorld, dataset, demand, hoursFrom, type Refresh } from './merge-world';

const DEMAND = dataset('eia.demand');
/** Over the end of a month. */
const START = '2026-02-28T12:00:00.000Z';
const HOURS = 24;
const RESPONDENTS = ['PJM', 'CISO', 'MISO'];
const FIRST_ANSWER = Date.parse('2026-03-02T00:00:00Z');

/** A run: what it asks for, and when it is answered. */
interface Asked {
  readonly from: number;
  readonly hours: number;
  readonly respondents: readonly string[];
  /** Hours after the first answer. */
  readonly at: number;
}

const asked: fc.Arbitrary<Asked> = fc
  .record({
    from: fc.integer({ min: 0, max: HOURS - 1 }),
    hours: fc.integer({ min: 1, max: HOURS }),
    respondents: fc.subarray(RESPONDENTS, { minLength: 1 }),
    at: fc.integer({ min: 0, max: 12 }),
  })
  .map((run) => ({ ...run, hours: Math.min(run.hours, HOURS - run.from) }));

/** What the publisher says at `at`: a value for some hours, none for others, and each of them revised now and then. */
type Truth = (respondent: string, hour: number, at: number) => string | null;
const settled: Truth = (respondent, hour) => (hour % 7 === 3 ? null : `${respondent.length * 1_000 + hour}.50`);
const revised: Truth = (respondent, hour, at) =>
  (hour + at) % 11 === 0 ? null : String(respondent.length * 1_000 + hour + Math.floor((at + hour) / 3));

const instant = (hour: number): string => new Date(Date.parse(START) + hour * HOUR).toISOString();

function refreshOf({ from, hours, respondents, at }: Asked, truth: Truth): Refresh {
  const records = hoursFrom(instant(from), hours).flatMap((start, index) =>
    respondents.map((respondent) => demand(start, truth(respondent, from + index, at), respondent)),
  );
  // In two pages, one after the other.
  const half = records.length >> 1;
  const answered = (minutes: number): string => new Date(FIRST_ANSWER + at * HOUR + minutes * 60_000).toISOString();
  return {
    window: { from: instant(from), to: instant(from + hours) },
    selected: respondents,
    answers: [
      { at: answered(1), records: records.slice(0, half) },
      { at: answered(2), records: records.slice(half) },
    ].filter((answer) => answer.records.length > 0),
  };
}

/** `series hour` → value, as the newest answer that covers it says. */
function expected(runs: readonly Asked[], truth: Truth): Record<string, string | null> {
  const newest = [...runs].sort((a, b) => a.at - b.at);
  const values: Record<string, string | null> = {};
  for (const { from, hours, respondents, at } of newest)
    for (let hour = from; hour < from + hours; hour++)
      for (const respondent of respondents)
        values[`${respondent}.demand ${instant(hour)}`] = truth(respondent, hour, at);
  return values;
}

describe('merging in any order', () => {
  jest.setTimeout(300_000);
  let postgres: RunningPostgres;
  let world: MergeWorld;
  beforeAll(async () => {
    postgres = await startPostgres();
    world = await MergeWorld.open(await postgres.createDatabase('merge_order'));
  });
  afterAll(async () => {
    await world.close();
    await postgres.stop();
  });

  /** Merges the runs in this order, so many at a time, each twice. */
  async function merge(runs: readonly Asked[], truth: Truth, atOnce: number): Promise<void> {
    await world.empty();
    for (let first = 0; first < runs.length; first += atOnce) {
      const plans = [];
      for (const run of runs.slice(first, first + atOnce)) plans.push(await world.stage(DEMAND, refreshOf(run, truth)));
      await Promise.all([...plans, ...plans].map((plan) => world.merge(plan)));
    }
  }

  async function stored(): Promise<{ values: Record<string, string | null>; sha256: string }> {
    const rows = await world.stored();
    const values = Object.fromEntries(rows.map(({ series, startsAt, value }) => [`${series} ${startsAt}`, value]));
    return { values, sha256: createHash('sha256').update(JSON.stringify(rows)).digest('hex') };
  }

  it('gives the same tables for the same answers, repeated and at the same time, without a revision', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(asked, { minLength: 1, maxLength: 6 }).chain((runs) =>
          fc.record({
            runs: fc.constant(runs),
            shuffled: fc.shuffledSubarray([...runs, ...runs], { minLength: runs.length * 2 }),
            atOnce: fc.integer({ min: 1, max: 4 }),
          }),
        ),
        async ({ runs, shuffled, atOnce }) => {
          await merge(runs, settled, 1);
          const inOrder = await stored();
          expect(inOrder.values).toEqual(expected(runs, settled));
          await merge(shuffled, settled, atOnce);
          expect((await stored()).sha256).toBe(inOrder.sha256);
          expect(await world.revisions()).toEqual([]);
        },
      ),
      { numRuns: 8 },
    );
  });

  it('ends with what the newest answer said about each hour, whichever came first', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(asked, { selector: ({ at }) => at, minLength: 2, maxLength: 6 }),
        fc.integer({ min: 1, max: 4 }),
        async (runs, atOnce) => {
          await merge(runs, revised, atOnce);
          expect((await stored()).values).toEqual(expected(runs, revised));
          // Every value that was ever on top and is not any more is in the history, once a change.
          const [odd] = await world.database.query(
            `SELECT FROM freshet.observation_revision r JOIN freshet.observation o USING (series_id, starts_at)
             WHERE NOT r.late AND r.new_value IS DISTINCT FROM coalesce((SELECT n.old_value FROM freshet.observation_revision n
               WHERE n.series_id = r.series_id AND n.starts_at = r.starts_at AND NOT n.late AND n.id > r.id ORDER BY n.id LIMIT 1),
               CASE WHEN EXISTS (SELECT FROM freshet.observation_revision n WHERE n.series_id = r.series_id AND n.starts_at = r.starts_at AND NOT n.late AND n.id > r.id) THEN NULL ELSE o.value END)`,
          );
          expect(odd).toBeUndefined();
        },
      ),
      { numRuns: 10 },
    );
  });
});

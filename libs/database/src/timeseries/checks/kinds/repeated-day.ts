import type { TimeSeries } from '@freshet/domain';
import { DAY, seconds, valuesOf, within, type CheckKind } from '../kind';

/**
 * 24 hours in a row, starting at any hour, with the values of the 24 hours before them; each of these hours is a failed one. A day
 * that is the same value all along is none: that is for `identical-run`. There is a verdict for every hour that has one a day before.
 */
export const repeatedDay: CheckKind<'repeated-day'> = {
  kind: 'repeated-day',
  reach: (_, series) => ({ before: DAY + rest(series), after: rest(series) }),
  verdicts: (check, over) => {
    const { resolutionSeconds } = over.series.time;
    const others = rest(over.series);
    // Windows are costly, and hours that repeat are few: only those are put into them.
    return `WITH compared AS MATERIALIZED (
       SELECT c.* FROM (
         SELECT v.*, first_value(v.value) OVER (PARTITION BY v.series_id ORDER BY v.starts_at
           RANGE BETWEEN ${seconds(DAY)} PRECEDING AND ${seconds(DAY)} PRECEDING) AS earlier
         FROM (${valuesOf(over, repeatedDay.reach(check, over.series))}) v) c WHERE c.earlier IS NOT NULL),
     day AS (
       SELECT c.*, count(*) OVER day = ${over.bind(DAY / resolutionSeconds, 'float8')} AND min(c.value) OVER day <> max(c.value) OVER day AS repeated
       FROM compared c WHERE c.value = c.earlier
       WINDOW day AS (PARTITION BY c.series_id ORDER BY c.starts_at RANGE BETWEEN ${seconds(others)} PRECEDING AND CURRENT ROW)),
     hour AS (
       SELECT series_id, name, starts_at, value, false AS failed FROM compared WHERE value <> earlier
       UNION ALL
       SELECT series_id, name, starts_at, value, bool_or(repeated) OVER (PARTITION BY series_id ORDER BY starts_at
         RANGE BETWEEN CURRENT ROW AND ${seconds(others)} FOLLOWING) FROM day)
     SELECT h.series_id, h.starts_at, true AS counted, h.failed, h.name AS shown, date_trunc('day', h.starts_at, 'UTC') AS episode,
       h.value::text AS value, 'belongs to 24 hours that repeat the 24 before them' AS detail
     FROM hour h WHERE ${within(over, 'h.starts_at')}`;
  },
};

/** The hours of a day beside one of them. */
const rest = ({ time }: TimeSeries): number => DAY - time.resolutionSeconds;

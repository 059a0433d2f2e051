import type { TimeSeries } from '@freshet/domain';
import { HOUR, seconds, valuesOf, within, type CheckKind, type CheckOf } from '../kind';

/**
 * The same value for `hours` in a row, each of these hours being a failed one. A missing hour ends a run. With `ignoreZero` zeros
 * are not looked at: a plant at rest is no mistake.
 */
export const identicalRun: CheckKind<'identical-run'> = {
  kind: 'identical-run',
  // Whether an hour belongs to a run of `hours` is decided by the `hours - 1` on each side of it, however long the run is.
  reach: (check, series) => ({ before: runReach(check, series), after: runReach(check, series) }),
  verdicts: (check, over) => {
    const step = over.series.time.resolutionSeconds;
    const long = over.bind(Math.ceil((check.hours * HOUR) / step), 'bigint');
    return `SELECT r.series_id, r.starts_at, true AS counted, r.length >= ${long} AS failed, r.name AS shown, r.episode,
       r.value::text AS value, 'the same at least ' || r.length || ' times in a row' AS detail
     FROM (SELECT i.*, count(*) OVER island AS length, min(i.starts_at) OVER island AS episode
           FROM (SELECT v.*, v.starts_at - ${seconds(step)} * row_number() OVER (PARTITION BY v.series_id, v.value ORDER BY v.starts_at) AS island
                 FROM (${valuesOf(over, identicalRun.reach(check, over.series))}) v
                 ${check.ignoreZero ? 'WHERE v.value <> 0' : ''}) i
           WINDOW island AS (PARTITION BY i.series_id, i.value, i.island)) r
     WHERE ${within(over, 'r.starts_at')}`;
  },
};

function runReach({ hours }: CheckOf<'identical-run'>, { time }: TimeSeries): number {
  return (Math.ceil((hours * HOUR) / time.resolutionSeconds) - 1) * time.resolutionSeconds;
}

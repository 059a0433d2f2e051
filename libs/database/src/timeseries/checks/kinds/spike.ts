import { HOUR, seconds, valuesOf, within, type CheckKind } from '../kind';

/** A deviation below this share of the median is none: series that hardly move would otherwise be full of spikes. */
const FLOOR = 0.05;

/**
 * A value further from the rolling median than `factor` times the typical deviation from it. The window is centred, `windowHours`
 * wide, and includes the value. Typical is the median of the absolute deviations in the window, at least 5 % of the median itself.
 * There is no verdict where fewer than half of the window has values, or where more than half of them are zero.
 */
export const spike: CheckKind<'spike'> = {
  kind: 'spike',
  reach: ({ windowHours }) => ({ before: half(windowHours), after: half(windowHours) }),
  verdicts: (check, over) => {
    const side = half(check.windowHours);
    const enough = over.bind(Math.floor(side / over.series.time.resolutionSeconds) + 1, 'bigint');
    // Medians are taken of doubles: what is compared is a magnitude, and it takes a third of the time.
    return `SELECT v.series_id, v.starts_at, true AS counted, abs(v.value::float8 - m.median) > ${over.bind(check.factor, 'float8')} * d.typical AS failed,
       v.name AS shown, v.starts_at AS episode, v.value::text AS value,
       'median ' || round(m.median::numeric, 1) || ', typical deviation ' || round(d.typical::numeric, 1) AS detail
     FROM (SELECT w.*, array_agg(w.value::float8) OVER around AS near, count(*) OVER around AS n FROM (${valuesOf(over, spike.reach(check, over.series))}) w
           WINDOW around AS (PARTITION BY w.series_id ORDER BY w.starts_at RANGE BETWEEN ${seconds(side)} PRECEDING AND ${seconds(side)} FOLLOWING)) v
     CROSS JOIN LATERAL (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x) AS median FROM unnest(v.near) x) m
     CROSS JOIN LATERAL (
       SELECT greatest(percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(x - m.median)), ${FLOOR} * abs(m.median)) AS typical FROM unnest(v.near) x) d
     WHERE ${within(over, 'v.starts_at')} AND v.n >= ${enough} AND d.typical > 0`;
  },
};

const half = (windowHours: number): number => Math.floor(windowHours / 2) * HOUR;

import { HOUR, seconds, valuesOf, within, type CheckKind } from '../kind';

/** A deviation below this share of the median is none: series that hardly move would otherwise be full of spikes. */
const FLOOR = 0.05;
/** The median rolls on by quarters of a day (UTC): hour by hour it would cost six times as much and say the same. */
const QUARTER = 6 * HOUR;
/** Less of a window than this has no typical value. */
const ENOUGH = 0.4;

/**
 * A value further from the median around it than `factor` times the typical deviation from that median. Around is at least
 * `windowHours`, with the quarter of the day that the value lies in at its centre. Typical is the median of the absolute deviations, at
 * least 5 % of the median itself. There is no verdict where less than 40 % of the window has values, or where more than half of them are zero.
 */
export const spike: CheckKind<'spike'> = {
  kind: 'spike',
  reach: ({ windowHours }) => ({ before: sideOf(windowHours) + QUARTER, after: sideOf(windowHours) + QUARTER }),
  verdicts: (check, over) => {
    const side = sideOf(check.windowHours);
    const enough = over.bind(Math.ceil((ENOUGH * (QUARTER + 2 * side)) / over.series.time.resolutionSeconds), 'bigint');
    const reach = spike.reach(check, over.series);
    // Medians are taken of doubles: what is compared is a magnitude, and it takes a third of the time.
    return `WITH quarter AS MATERIALIZED (
       SELECT DISTINCT v.series_id, v.name, date_bin(${seconds(QUARTER)}, v.starts_at, 'epoch'::timestamptz) AS quarter FROM (${valuesOf(over)}) v),
     around AS MATERIALIZED (
       SELECT q.*, n.*
       FROM quarter q
       CROSS JOIN LATERAL (
         SELECT array_agg(o.value::float8) AS near,
           array_agg(o.starts_at) FILTER (WHERE o.starts_at >= q.quarter AND o.starts_at < q.quarter + ${seconds(QUARTER)}) AS hours,
           array_agg(o.value) FILTER (WHERE o.starts_at >= q.quarter AND o.starts_at < q.quarter + ${seconds(QUARTER)}) AS own
         FROM freshet.observation o
         WHERE o.series_id = q.series_id AND o.value IS NOT NULL
           AND o.starts_at >= q.quarter - ${seconds(side)} AND o.starts_at < q.quarter + ${seconds(QUARTER + side)}
           AND o.starts_at >= ${over.from(-reach.before)} AND o.starts_at < ${over.to(reach.after)}) n
       WHERE cardinality(n.near) >= ${enough})
     SELECT a.series_id, v.starts_at, true AS counted, abs(v.value::float8 - m.median) > ${over.bind(check.factor, 'float8')} * d.typical AS failed,
       a.name AS shown, v.starts_at AS episode, v.value::text AS value,
       'median ' || round(m.median::numeric, 1) || ', typical deviation ' || round(d.typical::numeric, 1) AS detail
     FROM around a
     CROSS JOIN LATERAL (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x) AS median FROM unnest(a.near) x) m
     CROSS JOIN LATERAL (
       SELECT greatest(percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(x - m.median)), ${FLOOR} * abs(m.median)) AS typical FROM unnest(a.near) x) d
     CROSS JOIN LATERAL unnest(a.hours, a.own) v (starts_at, value)
     WHERE d.typical > 0 AND ${within(over, 'v.starts_at')}`;
  },
};

const sideOf = (windowHours: number): number =>
  Math.max(0, Math.ceil((windowHours * HOUR - QUARTER) / (2 * HOUR))) * HOUR;

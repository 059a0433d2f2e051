import { POINT, type CheckKind } from '../kind';

/**
 * The sum of all fuels against net generation of the same respondent and hour. A fuel without a value counts as nothing, and the
 * example says how many there are: many respondents never fill in some of them.
 */
export const fuelSum: CheckKind<'fuel-sum'> = {
  kind: 'fuel-sum',
  reach: () => POINT,
  verdicts: ({ tolerance }, over) =>
    `SELECT own.id AS series_id, g.starts_at, own.nth = 1 AS counted, abs(f.total - g.value) > ${over.bind(tolerance, 'numeric')} AS failed,
       t.name AS shown, g.starts_at AS episode, g.value::text AS value,
       f.fuels || ' fuels sum to ' || f.total || CASE WHEN f.missing > 0 THEN ', ' || f.missing || ' without a value' ELSE '' END AS detail
     FROM (SELECT g.name, g.id AS generation, array_agg(f.id) AS fuels,
             ARRAY(SELECT s.id FROM subject s WHERE s.id = ANY (array_append(array_agg(f.id), g.id)) ORDER BY s.id) AS own
           FROM family g
           JOIN family f ON f.respondent = g.respondent AND f.kind = 'fuel' AND f.resolution_seconds = g.resolution_seconds
           WHERE g.kind = 'net-generation' GROUP BY g.id, g.name) t
     JOIN freshet.observation g ON g.series_id = t.generation AND g.starts_at >= ${over.from()} AND g.starts_at < ${over.to()}
     CROSS JOIN LATERAL (
       SELECT sum(o.value) AS total, count(o.value) AS fuels, count(*) - count(o.value) AS missing
       FROM freshet.observation o WHERE o.series_id = ANY (t.fuels) AND o.starts_at = g.starts_at) f
     CROSS JOIN LATERAL unnest(t.own) WITH ORDINALITY AS own (id, nth)
     WHERE g.value IS NOT NULL AND f.fuels > 0`,
};

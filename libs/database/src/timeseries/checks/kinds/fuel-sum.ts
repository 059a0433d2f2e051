import { POINT, within, type CheckKind } from '../kind';

/**
 * The sum of all fuels against net generation of the same respondent and hour. A fuel without a value counts as nothing, and the
 * example says how many there are: many respondents never fill in some of them.
 */
export const fuelSum: CheckKind<'fuel-sum'> = {
  kind: 'fuel-sum',
  reach: () => POINT,
  verdicts: ({ tolerance }, over) =>
    `WITH mix AS MATERIALIZED (
       SELECT g.name, g.id AS generation, array_agg(f.id) AS fuels,
         ARRAY(SELECT s.id FROM subject s WHERE s.id = ANY (array_append(array_agg(f.id), g.id)) ORDER BY s.id) AS own
       FROM family g
       JOIN family f ON f.respondent = g.respondent AND f.kind = 'fuel' AND f.resolution_seconds = g.resolution_seconds
       WHERE g.kind = 'net-generation' AND g.respondent IN (SELECT respondent FROM subject) GROUP BY g.id, g.name),
     hour AS MATERIALIZED (
       SELECT m.generation AS id, o.starts_at, max(o.value) FILTER (WHERE o.series_id = m.generation) AS generation,
         sum(o.value) FILTER (WHERE o.series_id <> m.generation) AS total,
         count(o.value) FILTER (WHERE o.series_id <> m.generation) AS fuels,
         count(*) FILTER (WHERE o.series_id <> m.generation AND o.value IS NULL) AS missing
       FROM mix m
       CROSS JOIN LATERAL unnest(array_append(m.fuels, m.generation)) part (id)
       JOIN freshet.observation o ON o.series_id = part.id AND ${within(over, 'o.starts_at')}
       GROUP BY m.generation, o.starts_at)
     SELECT own.id AS series_id, h.starts_at, own.nth = 1 AS counted, abs(h.total - h.generation) > ${over.bind(tolerance, 'numeric')} AS failed,
       m.name AS shown, h.starts_at AS episode, h.generation::text AS value,
       h.fuels || ' fuels sum to ' || h.total || CASE WHEN h.missing > 0 THEN ', ' || h.missing || ' without a value' ELSE '' END AS detail
     FROM hour h JOIN mix m ON m.generation = h.id
     CROSS JOIN LATERAL unnest(m.own) WITH ORDINALITY AS own (id, nth)
     WHERE h.generation IS NOT NULL AND h.fuels > 0`,
};

import { POINT, within, type CheckKind } from '../kind';

/**
 * Demand against net generation minus total interchange (positive is outflow) of the same respondent and hour, wherever in the
 * source the three are stored. One verdict for an hour that has all three.
 */
export const balance: CheckKind<'balance'> = {
  kind: 'balance',
  reach: () => POINT,
  verdicts: ({ tolerance }, over) =>
    // Put side by side by grouping: a join over hours is left to chance where tables have no statistics yet.
    `WITH triple AS MATERIALIZED (
       SELECT d.name, d.id AS demand, g.id AS generation, i.id AS interchange,
         ARRAY(SELECT s.id FROM subject s WHERE s.id IN (d.id, g.id, i.id) ORDER BY s.id) AS own
       FROM family d
       JOIN family g ON g.respondent = d.respondent AND g.kind = 'net-generation' AND g.resolution_seconds = d.resolution_seconds
       JOIN family i ON i.respondent = d.respondent AND i.kind = 'total-interchange' AND i.resolution_seconds = d.resolution_seconds
       WHERE d.kind = 'demand' AND d.respondent IN (SELECT respondent FROM subject)),
     hour AS MATERIALIZED (
       SELECT t.demand AS id, o.starts_at, max(o.value) FILTER (WHERE m.part = 1) AS demand,
         max(o.value) FILTER (WHERE m.part = 2) AS generation, max(o.value) FILTER (WHERE m.part = 3) AS interchange
       FROM triple t
       CROSS JOIN LATERAL unnest(ARRAY[t.demand, t.generation, t.interchange]) WITH ORDINALITY AS m (id, part)
       JOIN freshet.observation o ON o.series_id = m.id AND ${within(over, 'o.starts_at')}
       GROUP BY t.demand, o.starts_at)
     SELECT own.id AS series_id, h.starts_at, own.nth = 1 AS counted,
       abs(h.demand - (h.generation - h.interchange)) > ${over.bind(tolerance, 'numeric')} AS failed,
       t.name AS shown, h.starts_at AS episode, h.demand::text AS value,
       'net generation ' || h.generation || ' minus total interchange ' || h.interchange || ' is ' || h.generation - h.interchange AS detail
     FROM hour h JOIN triple t ON t.demand = h.id
     CROSS JOIN LATERAL unnest(t.own) WITH ORDINALITY AS own (id, nth)
     WHERE h.demand IS NOT NULL AND h.generation IS NOT NULL AND h.interchange IS NOT NULL`,
};

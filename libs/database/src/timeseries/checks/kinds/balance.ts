import { POINT, type CheckKind } from '../kind';

/**
 * Demand against net generation minus total interchange (positive is outflow) of the same respondent and hour, wherever in the
 * source the three are stored. One verdict for an hour that has all three.
 */
export const balance: CheckKind<'balance'> = {
  kind: 'balance',
  reach: () => POINT,
  verdicts: ({ tolerance }, over) =>
    `SELECT own.id AS series_id, d.starts_at, own.nth = 1 AS counted, abs(d.value - e.expected) > ${over.bind(tolerance, 'numeric')} AS failed,
       t.name AS shown, d.starts_at AS episode, d.value::text AS value,
       'net generation ' || g.value || ' minus total interchange ' || i.value || ' is ' || e.expected AS detail
     FROM (SELECT d.name, d.id AS demand, g.id AS generation, i.id AS interchange,
             ARRAY(SELECT s.id FROM subject s WHERE s.id IN (d.id, g.id, i.id) ORDER BY s.id) AS own
           FROM family d
           JOIN family g ON g.respondent = d.respondent AND g.kind = 'net-generation' AND g.resolution_seconds = d.resolution_seconds
           JOIN family i ON i.respondent = d.respondent AND i.kind = 'total-interchange' AND i.resolution_seconds = d.resolution_seconds
           WHERE d.kind = 'demand') t
     JOIN freshet.observation d ON d.series_id = t.demand AND d.starts_at >= ${over.from()} AND d.starts_at < ${over.to()}
     JOIN freshet.observation g ON g.series_id = t.generation AND g.starts_at = d.starts_at
     JOIN freshet.observation i ON i.series_id = t.interchange AND i.starts_at = d.starts_at
     CROSS JOIN LATERAL (SELECT g.value - i.value AS expected) e
     CROSS JOIN LATERAL unnest(t.own) WITH ORDINALITY AS own (id, nth)
     WHERE d.value IS NOT NULL AND e.expected IS NOT NULL`,
};

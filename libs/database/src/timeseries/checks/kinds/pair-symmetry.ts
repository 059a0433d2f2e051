import { POINT, within, type CheckKind } from '../kind';

/**
 * What flows from A to B against the negative of what flows from B to A. A pair has one verdict an hour, however many of its two
 * directions are looked at; a direction without its reverse has none. The first two of the definition's `codes` name the two ends.
 */
export const pairSymmetry: CheckKind<'pair-symmetry'> = {
  kind: 'pair-symmetry',
  reach: () => POINT,
  verdicts: ({ tolerance }, over) => {
    const [from, to] = [over.bind(over.series.codes[0] ?? '', 'text'), over.bind(over.series.codes[1] ?? '', 'text')];
    return `WITH flow AS MATERIALIZED (
       SELECT id, name, kind, resolution_seconds, codes ->> ${from} AS here, codes ->> ${to} AS there FROM family
       WHERE codes ->> ${from} IS NOT NULL AND codes ->> ${to} IS NOT NULL),
     pair AS MATERIALIZED (
       SELECT a.name, b.name AS reverse, a.id AS there, b.id AS back,
         ARRAY(SELECT s.id FROM subject s WHERE s.id IN (a.id, b.id) ORDER BY s.id) AS own
       FROM flow a
       JOIN flow b ON b.here = a.there AND b.there = a.here AND b.kind = a.kind AND b.resolution_seconds = a.resolution_seconds
       WHERE a.here < a.there
         AND (a.id IN (SELECT id FROM subject) OR b.id IN (SELECT id FROM subject))),
     hour AS MATERIALIZED (
       SELECT p.there AS id, o.starts_at, max(o.value) FILTER (WHERE o.series_id = p.there) AS there, max(o.value) FILTER (WHERE o.series_id = p.back) AS back
       FROM pair p
       CROSS JOIN LATERAL unnest(ARRAY[p.there, p.back]) part (id)
       JOIN freshet.observation o ON o.series_id = part.id AND ${within(over, 'o.starts_at')}
       GROUP BY p.there, o.starts_at)
     SELECT own.id AS series_id, h.starts_at, own.nth = 1 AS counted, abs(h.there + h.back) > ${over.bind(tolerance, 'numeric')} AS failed,
       p.name AS shown, h.starts_at AS episode, h.there::text AS value, p.reverse || ' is ' || h.back AS detail
     FROM hour h JOIN pair p ON p.there = h.id
     CROSS JOIN LATERAL unnest(p.own) WITH ORDINALITY AS own (id, nth)
     WHERE h.there IS NOT NULL AND h.back IS NOT NULL`;
  },
};

import { POINT, type CheckKind } from '../kind';

/**
 * What flows from A to B against the negative of what flows from B to A. A pair has one verdict an hour, however many of its two
 * directions are looked at; a direction without its reverse has none. The first two of the definition's `codes` name the two ends.
 */
export const pairSymmetry: CheckKind<'pair-symmetry'> = {
  kind: 'pair-symmetry',
  reach: () => POINT,
  verdicts: ({ tolerance }, over) => {
    const [from, to] = [over.bind(over.series.codes[0] ?? '', 'text'), over.bind(over.series.codes[1] ?? '', 'text')];
    return `SELECT own.id AS series_id, a.starts_at, own.nth = 1 AS counted, abs(a.value + b.value) > ${over.bind(tolerance, 'numeric')} AS failed,
       t.name AS shown, a.starts_at AS episode, a.value::text AS value, t.reverse || ' is ' || b.value AS detail
     FROM (SELECT a.name, b.name AS reverse, a.id AS there, b.id AS back,
             ARRAY(SELECT s.id FROM subject s WHERE s.id IN (a.id, b.id) ORDER BY s.id) AS own
           FROM family a
           JOIN family b ON b.kind = a.kind AND b.resolution_seconds = a.resolution_seconds
             AND b.codes ->> ${from} = a.codes ->> ${to} AND b.codes ->> ${to} = a.codes ->> ${from}
           WHERE a.codes ->> ${from} < a.codes ->> ${to}) t
     JOIN freshet.observation a ON a.series_id = t.there AND a.starts_at >= ${over.from()} AND a.starts_at < ${over.to()}
     JOIN freshet.observation b ON b.series_id = t.back AND b.starts_at = a.starts_at
     CROSS JOIN LATERAL unnest(t.own) WITH ORDINALITY AS own (id, nth)
     WHERE a.value IS NOT NULL AND b.value IS NOT NULL`;
  },
};

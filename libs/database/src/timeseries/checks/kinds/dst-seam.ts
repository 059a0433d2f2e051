import { DAY, HOUR, within, type CheckKind } from '../kind';

/**
 * The two hours that meet where clocks change, in the civil time a respondent reports by (`timeZone` of its code; the codes of the
 * definition are bound as two arrays). Stamps are in UTC and have no seam, so a mistake shows as a missing hour, or as one hour
 * twice: the same value on both sides, not zero, and other ones before and after. There is a verdict where the hours around the two
 * have values; respondents without a zone, or in one without summer time, have none.
 */
export const dstSeam: CheckKind<'dst-seam'> = {
  kind: 'dst-seam',
  reach: () => ({ before: 2 * HOUR, after: 2 * HOUR }),
  verdicts: (_, over) => {
    const zoned = (over.definition.paging?.select.codes ?? []).flatMap(({ code, timeZone }) =>
      timeZone ? [{ code, timeZone }] : [],
    );
    const codes = over.bind(
      zoned.map(({ code }) => code),
      'text[]',
    );
    const zones = over.bind(
      zoned.map(({ timeZone }) => timeZone),
      'text[]',
    );
    return `WITH zoned AS MATERIALIZED (
       SELECT s.id, s.name, z.zone FROM subject s JOIN unnest(${codes}, ${zones}) z (respondent, zone) ON z.respondent = s.respondent
       WHERE s.resolution_seconds = ${HOUR}),
     -- Days whose ends differ in their distance from UTC are few, and only their hours are looked at.
     changing AS MATERIALIZED (
       SELECT u.zone, d.at FROM (SELECT DISTINCT zone FROM zoned) u
       CROSS JOIN generate_series(date_trunc('hour', ${over.from(-DAY)}), ${over.to(DAY)}, interval '24 hours') d (at)
       WHERE ((d.at + interval '24 hours') AT TIME ZONE u.zone) - (d.at AT TIME ZONE u.zone) <> interval '24 hours'),
     seam AS MATERIALIZED (
       SELECT c.zone, h.at FROM changing c
       CROSS JOIN generate_series(c.at + interval '1 hour', c.at + interval '24 hours', interval '1 hour') h (at)
       WHERE (h.at AT TIME ZONE c.zone) - ((h.at - interval '1 hour') AT TIME ZONE c.zone) <> interval '1 hour'),
     met AS MATERIALIZED (
       SELECT s.id AS series_id, s.name, seam.at,
         max(o.value) FILTER (WHERE o.starts_at = seam.at - interval '2 hours') AS a,
         max(o.value) FILTER (WHERE o.starts_at = seam.at - interval '1 hour') AS b,
         max(o.value) FILTER (WHERE o.starts_at = seam.at) AS c,
         max(o.value) FILTER (WHERE o.starts_at = seam.at + interval '1 hour') AS d
       FROM seam JOIN zoned s ON s.zone = seam.zone
       JOIN freshet.observation o ON o.series_id = s.id AND o.starts_at >= seam.at - interval '2 hours' AND o.starts_at <= seam.at + interval '1 hour'
         AND o.starts_at >= ${over.from(-2 * HOUR)} AND o.starts_at < ${over.to(2 * HOUR)}
       GROUP BY s.id, s.name, seam.at)
     SELECT x.series_id, flagged.starts_at, flagged.starts_at = x.at AS counted, (x.b IS NULL OR x.c IS NULL OR x.doubled) AS failed,
       x.name AS shown, x.at AS episode, x.c::text AS value,
       CASE WHEN x.doubled THEN 'the hours on both sides of the change of clocks are the same'
            WHEN x.c IS NULL THEN 'the hour after the change of clocks has no value'
            ELSE 'the hour before the change of clocks has no value' END AS detail
     FROM (SELECT *, coalesce(b = c AND b <> 0 AND a <> b AND c <> d, false) AS doubled FROM met WHERE a IS NOT NULL AND d IS NOT NULL) x
     CROSS JOIN LATERAL (VALUES (x.at), (x.at - interval '1 hour')) flagged (starts_at)
     WHERE ${within(over, 'flagged.starts_at')}`;
  },
};

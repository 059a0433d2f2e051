import { HOUR, type CheckKind } from '../kind';

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
    return `SELECT x.series_id, flagged.starts_at, flagged.starts_at = x.at AS counted,
       (x.before IS NULL OR x.after IS NULL OR x.doubled) AS failed, x.name AS shown, x.at AS episode, x.after::text AS value,
       CASE WHEN x.doubled THEN 'the hours on both sides of the change of clocks are the same'
            WHEN x.after IS NULL THEN 'the hour after the change of clocks has no value'
            ELSE 'the hour before the change of clocks has no value' END AS detail
     FROM (SELECT s.id AS series_id, s.name, seam.at, b.value AS before, c.value AS after,
             coalesce(b.value = c.value AND b.value <> 0 AND a.value <> b.value AND c.value <> d.value, false) AS doubled
           FROM subject s
           JOIN unnest(${codes}, ${zones}) z (respondent, zone) ON z.respondent = s.respondent
           JOIN (SELECT zone, at FROM (SELECT DISTINCT zone FROM unnest(${zones}) u (zone)) u
                 CROSS JOIN generate_series(date_trunc('hour', ${over.from()}), ${over.to(HOUR)}, interval '1 hour') at
                 WHERE (at AT TIME ZONE zone) - ((at - interval '1 hour') AT TIME ZONE zone) <> interval '1 hour') seam ON seam.zone = z.zone
           JOIN freshet.observation a ON a.series_id = s.id AND a.starts_at = seam.at - interval '2 hours' AND a.value IS NOT NULL
           JOIN freshet.observation d ON d.series_id = s.id AND d.starts_at = seam.at + interval '1 hour' AND d.value IS NOT NULL
           LEFT JOIN freshet.observation b ON b.series_id = s.id AND b.starts_at = seam.at - interval '1 hour'
           LEFT JOIN freshet.observation c ON c.series_id = s.id AND c.starts_at = seam.at
           WHERE s.resolution_seconds = ${HOUR}) x
     CROSS JOIN LATERAL (VALUES (x.at), (x.at - interval '1 hour')) flagged (starts_at)
     WHERE flagged.starts_at >= ${over.from()} AND flagged.starts_at < ${over.to()}`;
  },
};

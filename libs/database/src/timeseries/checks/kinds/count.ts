import { DAY, POINT, seconds, type CheckKind } from '../kind';

/**
 * Observations with a value of a respondent and day (UTC) against `expectedPerDay`; where that is null, against a whole day of each
 * series of the respondent that has any value in the window. Only days that lie in the window as a whole, and are complete by the
 * publication lag. A respondent that is asked for and has nothing stored counts 0, which fails. Nothing is flagged: what is there of an
 * incomplete day is as good as any other value.
 */
export const count: CheckKind<'count'> = {
  kind: 'count',
  reach: () => POINT,
  verdicts: ({ expectedPerDay }, over) => {
    const [from, to] = [over.window.from(), over.window.to()];
    const asked = over.partial ? null : (over.definition.paging?.select.values ?? null);
    const respondents = asked
      ? `unnest(${over.bind(asked, 'text[]')}) r (respondent)`
      : '(SELECT DISTINCT respondent FROM subject) r';
    const ofOne = DAY / over.series.time.resolutionSeconds;
    // Nothing stored is never what was expected.
    const expected =
      expectedPerDay === null
        ? `greatest(c.active, 1) * ${over.bind(ofOne, 'bigint')}`
        : over.bind(expectedPerDay, 'bigint');
    return `WITH day AS MATERIALIZED (
       SELECT d.at FROM generate_series(date_trunc('day', ${from}, 'UTC'), ${to}, interval '24 hours') d (at)
       WHERE d.at >= ${from} AND d.at + interval '24 hours' <= ${to} AND d.at + interval '24 hours' + ${seconds(over.series.lagSeconds)} <= ${over.now()}),
     counted AS MATERIALIZED (
       SELECT o.series_id, date_trunc('day', o.starts_at, 'UTC') AS at, count(o.value) AS n
       FROM mine s JOIN freshet.observation o ON o.series_id = s.id AND o.starts_at >= ${from} AND o.starts_at < ${to} GROUP BY 1, 2),
     series AS MATERIALIZED (
       SELECT s.respondent, min(s.name) AS name, count(*) FILTER (WHERE a.n > 0) AS active
       FROM mine s LEFT JOIN (SELECT series_id, sum(n) AS n FROM counted GROUP BY 1) a ON a.series_id = s.id GROUP BY 1),
     total AS MATERIALIZED (
       SELECT s.respondent, c.at, sum(c.n)::bigint AS n FROM counted c JOIN mine s ON s.id = c.series_id GROUP BY 1, 2)
     SELECT NULL::bigint AS series_id, c.at AS starts_at, true AS counted, c.n <> ${expected} AS failed, c.shown, c.at AS episode, c.n::text AS value,
       c.n || ' values of ' || c.respondent || ' in a day, ' || ${expected} || ' expected' AS detail
     FROM (
       SELECT r.respondent, d.at, coalesce(s.name, r.respondent) AS shown, coalesce(s.active, 0) AS active, coalesce(t.n, 0) AS n
       FROM ${respondents} CROSS JOIN day d
       LEFT JOIN series s ON s.respondent = r.respondent
       LEFT JOIN total t ON t.respondent = r.respondent AND t.at = d.at) c`;
  },
};

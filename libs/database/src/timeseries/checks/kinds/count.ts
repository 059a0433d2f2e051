import { POINT, seconds, type CheckKind } from '../kind';

/**
 * Observations with a value of a respondent and day (UTC) against `expectedPerDay`, which is 24 times the series the respondent has
 * in the dataset. Only days that lie in the window as a whole, and are complete by the publication lag. A respondent that is asked for
 * and has nothing stored counts 0. Nothing is flagged: what is there of an incomplete day is as good as any other value.
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
    const expected = over.bind(expectedPerDay, 'bigint');
    return `SELECT NULL::bigint AS series_id, d.starts_at, true AS counted, o.n <> ${expected} AS failed, coalesce(o.name, r.respondent) AS shown,
       d.starts_at AS episode, o.n::text AS value, o.n || ' values of ' || r.respondent || ' in a day, ' || ${expected} || ' expected' AS detail
     FROM ${respondents}
     CROSS JOIN generate_series(date_trunc('day', ${from}, 'UTC'), ${to}, interval '24 hours') d (starts_at)
     CROSS JOIN LATERAL (
       SELECT count(o.value) AS n, min(s.name) AS name
       FROM mine s LEFT JOIN freshet.observation o ON o.series_id = s.id AND o.starts_at >= d.starts_at AND o.starts_at < d.starts_at + interval '24 hours'
       WHERE s.respondent = r.respondent) o
     WHERE d.starts_at >= ${from} AND d.starts_at + interval '24 hours' <= ${to}
       AND d.starts_at + interval '24 hours' + ${seconds(over.series.lagSeconds)} <= ${over.now()}`;
  },
};

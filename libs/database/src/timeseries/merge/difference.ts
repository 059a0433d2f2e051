import {
  OBSERVATION_COLUMNS,
  Values,
  candidate,
  observationOf,
  seriesMap,
  type MergeStatement,
  type Sql,
} from './statement';

/**
 * Staged rows compared with what is stored over the same series and hours, into a temporary table: those that are not there (`fresh`), that
 * say something else (`other`), or whose stamp is corrected differently. `late`: the stored value was confirmed by a later answer. Rows that
 * say the same leave nothing.
 */
export function differenceSql(statement: MergeStatement): Sql {
  const { extent, series } = statement;
  const values = new Values();
  const common = `${seriesMap(statement, values)}, ${candidate(statement, values)}`;
  const oldest = values.bind(new Date(Math.min(...statement.answeredAt.map(Number))), 'timestamptz');
  const [from, to] = [values.bind(extent.from, 'timestamptz'), values.bind(extent.to, 'timestamptz')];
  const ids = values.bind(
    series.map(({ id }) => id),
    'bigint[]',
  );
  const text = `CREATE TEMPORARY TABLE difference ON COMMIT DROP AS
    WITH ${common},
    -- Whole windows confirmed after the oldest of our answers was given; almost always none.
    newer AS MATERIALIZED (
      SELECT window_from, window_to, selected, first_answered_at FROM freshet.merge
      WHERE dataset = ${values.bind(statement.dataset, 'text')} AND first_answered_at > ${oldest}),
    stored AS (
      SELECT series_id, starts_at, value, corrected_starts_at, answered_at FROM freshet.observation
      WHERE series_id = ANY (${ids}) AND starts_at >= ${from} AND starts_at < ${to})
    SELECT c.*, o.series_id IS NULL AS fresh, o.series_id IS NOT NULL AND o.value IS DISTINCT FROM c.value AS other,
           o.series_id IS NOT NULL AND o.value IS DISTINCT FROM c.value AND (o.answered_at > c.answered_at OR EXISTS (
             SELECT FROM newer n WHERE n.first_answered_at > c.answered_at AND n.window_from <= c.starts_at AND n.window_to > c.starts_at AND c.respondent = ANY (n.selected))) AS late
    FROM candidate c LEFT JOIN stored o ON o.series_id = c.series_id AND o.starts_at = c.starts_at
    WHERE o.series_id IS NULL OR o.value IS DISTINCT FROM c.value OR o.corrected_starts_at IS DISTINCT FROM c.corrected_starts_at`;
  return { text, values: values.list };
}

export const COUNT_DIFFERENCES = /* sql */ `
SELECT count(*) FILTER (WHERE fresh) AS added, count(*) FILTER (WHERE other AND NOT late) AS changed, count(*) FILTER (WHERE late) AS late,
       count(*) FILTER (WHERE NOT fresh AND (NOT other OR late)) AS restamped
FROM pg_temp.difference`;

export function insertFreshSql(statement: MergeStatement): Sql {
  const values = new Values();
  const text = `INSERT INTO freshet.observation (${OBSERVATION_COLUMNS})
    SELECT ${observationOf(statement, values)} FROM pg_temp.difference WHERE fresh`;
  return { text, values: values.list };
}

/** What is replaced, and what came too late to replace anything; unless the history has the late value already. */
export const reviseSql = ({ mergeId, runId }: MergeStatement): Sql => ({
  text: `INSERT INTO freshet.observation_revision (series_id, starts_at, old_value, new_value, old_quality, old_source, old_merge_id, old_chunk, old_row,
           merge_id, run_id, seen_at, late, late_chunk, late_row, late_source)
    SELECT d.series_id, d.starts_at, o.value, d.value, o.quality, o.source, o.merge_id, o.chunk, o."row", $1, $2, d.answered_at, d.late,
           CASE WHEN d.late THEN d.chunk END, CASE WHEN d.late THEN d."row" END, CASE WHEN d.late THEN d.source END
    FROM pg_temp.difference d JOIN freshet.observation o ON o.series_id = d.series_id AND o.starts_at = d.starts_at
    WHERE d.other AND NOT (d.late AND EXISTS (
      SELECT FROM freshet.observation_revision r WHERE r.series_id = d.series_id AND r.starts_at = d.starts_at
      AND CASE WHEN r.late THEN r.new_value ELSE r.old_value END IS NOT DISTINCT FROM d.value))`,
  values: [mergeId, runId],
});

/** What makes it suspect is for the checks to say again. */
export const replaceSql = ({ mergeId }: MergeStatement): Sql => ({
  text: `UPDATE freshet.observation o
    SET value = d.value, quality = CASE WHEN d.value IS NULL THEN 'missing' ELSE 'good' END, corrected_starts_at = d.corrected_starts_at,
        answered_at = d.answered_at, merge_id = $1, chunk = d.chunk, "row" = d."row", source = d.source
    FROM pg_temp.difference d WHERE d.other AND NOT d.late AND o.series_id = d.series_id AND o.starts_at = d.starts_at`,
  values: [mergeId],
});

/** The definition says something else about the stamps than when the values were stored. */
export const RESTAMP = /* sql */ `
UPDATE freshet.observation o SET corrected_starts_at = d.corrected_starts_at
FROM pg_temp.difference d WHERE NOT d.fresh AND (NOT d.other OR d.late) AND o.series_id = d.series_id AND o.starts_at = d.starts_at
AND o.corrected_starts_at IS DISTINCT FROM d.corrected_starts_at`;

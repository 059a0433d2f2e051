import { Client } from 'pg';

/** What the observations of a dataset come to: equal figures, equal values. */
export interface ObservedContent {
  readonly series: number;
  readonly observations: number;
  /** Late answers included. */
  readonly revisions: number;
  /** MD5 over series, interval, value, quality and the row as received, in order. */
  readonly hash: string;
}

/** Read in one snapshot. What depends on when and by whom a value was seen is left out. */
export async function observedContent(databaseUrl: string, dataset: string): Promise<ObservedContent> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{
      series: string;
      observations: string;
      revisions: string;
      hash: string | null;
    }>(
      `SELECT count(DISTINCT s.id) AS series, count(o.*) AS observations,
              (SELECT count(*) FROM freshet.observation_revision r JOIN freshet.series rs ON rs.id = r.series_id WHERE rs.dataset = $1) AS revisions,
              md5(string_agg(md5(concat_ws('|', s.name, extract(epoch FROM o.starts_at), extract(epoch FROM o.ends_at), o.value, o.quality, o.source)), '' ORDER BY s.name, o.starts_at)) AS hash
       FROM freshet.series s LEFT JOIN freshet.observation o ON o.series_id = s.id WHERE s.dataset = $1`,
      [dataset],
    );
    const [row] = rows;
    return {
      series: Number(row?.series ?? 0),
      observations: Number(row?.observations ?? 0),
      revisions: Number(row?.revisions ?? 0),
      hash: row?.hash ?? 'empty',
    };
  } finally {
    await client.end();
  }
}

import { Client } from 'pg';

/** What a resource's published rows come to: equal figures, equal rows in equal order. */
export interface ContentFigure {
  readonly rows: number;
  /** MD5 over the rows in the publisher's order. */
  readonly hash: string;
}

/**
 * Rows and hash of every published resource of a dataset, read in one snapshot from the partitions that the pointer names:
 * columns, published text and position, everything but the number of the generation.
 */
export async function publishedContent(databaseUrl: string, dataset: string): Promise<Record<string, ContentFigure>> {
  const [source] = dataset.split('.') as [string];
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const pointers = await client.query<{ resource: string; generation: string }>(
      'SELECT resource, generation FROM freshet.pointer WHERE dataset = $1 ORDER BY resource',
      [dataset],
    );
    const result: Record<string, ContentFigure> = {};
    for (const { resource, generation } of pointers.rows) {
      const table = `freshet_data.${client.escapeIdentifier(`${source}.${resource}`)}`;
      const figure = await client.query<{ rows: string; hash: string | null }>(
        `SELECT count(*) AS rows, md5(string_agg(md5((to_jsonb(t) - '_generation')::text), '' ORDER BY _chunk, _row)) AS hash
           FROM ${table} t WHERE _generation = $1`,
        [generation],
      );
      const [row] = figure.rows;
      result[resource] = { rows: Number(row?.rows ?? 0), hash: row?.hash ?? 'empty' };
    }
    await client.query('COMMIT');
    return result;
  } finally {
    await client.end();
  }
}

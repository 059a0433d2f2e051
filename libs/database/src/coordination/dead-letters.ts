import type { Queryable } from '../base';
import { storableJson, storableText } from '../loading/storable';

export interface NewDeadLetter {
  /** Where the undeliverable message was: the same three twice are the same message. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Buffer;
  readonly code: string;
  readonly reason: string;
  readonly step: string;
  readonly runId: string | null;
}

export interface StoredDeadLetter extends NewDeadLetter {
  readonly id: number;
  readonly bytes: number;
  readonly receivedAt: Date;
  readonly replayedAt: Date | null;
}

/**
 * False when it was stored before. Anything may stand in a letter, and one that could not be stored would stop all that come after it:
 * what PostgreSQL does not take is replaced.
 */
export async function storeDeadLetter(sql: Queryable, letter: NewDeadLetter): Promise<boolean> {
  const stored = await sql.execute(
    `INSERT INTO freshet.dead_letter (topic, "partition", "offset", key, headers, value, code, reason, step, run_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (topic, "partition", "offset") DO NOTHING`,
    [
      storableText(letter.topic),
      isInt32(letter.partition) ? letter.partition : 0,
      storableText(letter.offset),
      letter.key === null ? null : storableText(letter.key),
      storableJson(letter.headers),
      letter.value,
      storableText(letter.code),
      storableText(letter.reason),
      storableText(letter.step),
      letter.runId,
    ],
  );
  return stored > 0;
}

const isInt32 = (value: number): boolean => (value | 0) === value;

const COLUMNS = `id, topic, "partition", "offset", key, headers, code, reason, step, run_id AS "runId", received_at AS "receivedAt", replayed_at AS "replayedAt", length(value) AS bytes`;

/** Newest first, without their values. */
export const listDeadLetters = (sql: Queryable, limit: number): Promise<Array<Omit<StoredDeadLetter, 'value'>>> =>
  sql.query<Omit<StoredDeadLetter, 'value'> & Record<string, unknown>>(
    `SELECT ${COLUMNS} FROM freshet.dead_letter ORDER BY id DESC LIMIT $1`,
    [limit],
  );

export async function findDeadLetter(sql: Queryable, id: number): Promise<StoredDeadLetter | null> {
  const [row] = await sql.query<StoredDeadLetter & Record<string, unknown>>(
    `SELECT ${COLUMNS}, value FROM freshet.dead_letter WHERE id = $1`,
    [id],
  );
  return row ?? null;
}

export const markReplayed = (sql: Queryable, id: number): Promise<number> =>
  sql.execute(`UPDATE freshet.dead_letter SET replayed_at = clock_timestamp() WHERE id = $1`, [id]);

/**
 * A publish or export command that nobody could carry out ends its run. The row is the one the loader would write in its own
 * transaction, so of the two only one can come true.
 */
export async function refuseCommand(
  sql: Queryable,
  command: 'publish' | 'export',
  runId: string,
  failure: object,
): Promise<boolean> {
  const [table, outcome] = command === 'publish' ? ['publication', 'refused'] : ['export', 'failed'];
  const written = await sql.execute(
    `INSERT INTO freshet.${table} (run_id, outcome, failure)
     SELECT id, '${outcome}', $2 FROM freshet.run WHERE id = $1 AND state = $3 ON CONFLICT (run_id) DO NOTHING`,
    [runId, storableJson(failure), command === 'publish' ? 'publishing' : 'exporting'],
  );
  return written > 0;
}

import { FreshetError } from '@freshet/domain';
import { codeOf, quoteIdent, type Database, type Transaction } from '../base';
import { dropLeftovers } from './discard';
import { DATA_SCHEMA, parentTable, type TablePath } from './names';
import { oldReaders } from './readers';
import { stagingTables } from './staging';

export interface Retained {
  /** Generations whose rows may go from now on. */
  readonly retired: readonly number[];
  /** Tables that went. */
  readonly dropped: readonly string[];
  /** Tables that somebody may still be reading; the next call tries again. */
  readonly waiting: readonly string[];
  /** True when our role may not see the snapshots of others: then nothing is dropped. `GRANT pg_read_all_stats` cures it. */
  readonly blind: boolean;
  /** Staging tables of ended runs that went. */
  readonly leftovers: number;
}

export interface RetainRequest {
  readonly dataset: string;
  /** Published generations that are kept; the current one and the newest are in any case. At least 1. */
  readonly keep: number;
  readonly resources: readonly string[];
}

const DROP_TIMEOUT_MS = 5_000;
/** lock_not_available, query_canceled, object_in_use, deadlock_detected, object_not_in_prerequisite_state (a detach is under way) */
const IN_USE = new Set(['55P03', '57014', '55006', '40P01', '55000']);

/**
 * Removes the rows of old generations once nobody can be reading them: a partition goes when no kept generation and no pointer needs
 * it, and every snapshot in use was taken after the pointers last moved. Readers are never blocked by it.
 */
export async function retain(database: Database, request: RetainRequest): Promise<Retained> {
  const retired = await database.transaction((tx) => retire(tx, request));
  const dropped: string[] = [];
  const waiting: string[] = [];
  let blind = false;
  for (const partition of await unneededTables(database, request)) {
    const readers = await oldReaders(database, request.dataset);
    blind ||= readers === 'unknown';
    const gone = readers === 'none' && (await remove(database, partition));
    (gone ? dropped : waiting).push(partition.table[1]);
  }
  await database.execute(
    `DELETE FROM freshet.ledger l USING freshet.task t, freshet.run r
     WHERE r.dataset = $1 AND r.id = t.run_id AND l.task_id = t.id AND l.attempt < t.attempt
     AND NOT EXISTS (SELECT 1 FROM freshet.generation_resource g WHERE g.task_id = l.task_id AND g.attempt = l.attempt)`,
    [request.dataset],
  );
  await database.execute(
    `DELETE FROM freshet.quarantine q USING freshet.task t, freshet.run r
     WHERE r.dataset = $1 AND r.state = 'published' AND r.id = t.run_id AND q.task_id = t.id AND q.attempt < t.attempt`,
    [request.dataset],
  );
  const leftovers = await dropLeftovers(database, await stagingTables(database, null));
  return { retired, dropped, waiting, blind, leftovers };
}

/** From here on a retired generation cannot be rolled back to. */
async function retire(tx: Transaction, { dataset, keep }: RetainRequest): Promise<number[]> {
  if (keep < 1)
    throw new FreshetError('definition_invalid', {
      message: `${dataset} keeps ${keep} generations`,
      nextStep: 'Set retainGenerations to 1 or more.',
    });
  await tx.query('SELECT 1 FROM freshet.dataset WHERE id = $1 FOR NO KEY UPDATE', [dataset]);
  const rows = await tx.query<{ number: number }>(
    `UPDATE freshet.generation SET state = 'retired' WHERE dataset = $1 AND state = 'published'
     AND number NOT IN (SELECT number FROM freshet.generation WHERE dataset = $1 AND state = 'published' ORDER BY number DESC LIMIT $2)
     AND number NOT IN (SELECT unnest(ARRAY[current_generation, head_generation]) FROM freshet.dataset WHERE id = $1 AND current_generation IS NOT NULL)
     RETURNING number`,
    [dataset, keep],
  );
  return rows.map(({ number }) => number).sort((a, b) => a - b);
}

interface GenerationTable {
  readonly table: TablePath;
  readonly parent: TablePath;
  readonly attached: boolean;
  /** A detachment was interrupted. */
  readonly pending: boolean;
}

/** Generation tables that nothing refers to: neither a kept generation nor a pointer. Detached ones of an earlier call included. */
async function unneededTables(database: Database, { dataset, resources }: RetainRequest): Promise<GenerationTable[]> {
  const found: GenerationTable[] = [];
  for (const resource of resources) {
    const parent = parentTable(dataset, resource);
    const rows = await database.query<{ name: string; attached: boolean; pending: boolean }>(
      `SELECT c.relname AS name, i.inhparent IS NOT NULL AS attached, coalesce(i.inhdetachpending, false) AS pending
       FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
       CROSS JOIN LATERAL (SELECT CASE WHEN substr(c.relname, length($2) + 2) ~ '^[0-9]+$' THEN substr(c.relname, length($2) + 2)::bigint END AS generation) n
       WHERE c.relnamespace = $1::regnamespace AND c.relkind = 'r' AND starts_with(c.relname, $2 || '@') AND n.generation IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM freshet.generation_resource gr JOIN freshet.generation g ON g.dataset = gr.dataset AND g.number = gr.generation
                       WHERE gr.dataset = $3 AND gr.resource = $4 AND gr.rows_from = n.generation AND g.state = 'published')
       AND NOT EXISTS (SELECT 1 FROM freshet.pointer p WHERE p.dataset = $3 AND p.resource = $4 AND p.generation = n.generation)
       AND n.generation <= (SELECT head_generation FROM freshet.dataset WHERE id = $3) -- a later one is about to be published
       ORDER BY n.generation`,
      [DATA_SCHEMA, parent[1], dataset, resource],
    );
    found.push(
      ...rows.map(({ name, attached, pending }) => ({
        table: [DATA_SCHEMA, name] as const,
        parent,
        attached,
        pending,
      })),
    );
  }
  return found;
}

/** False when it is in use. Detaching concurrently neither waits in front of readers nor keeps them out. */
async function remove(database: Database, { table, parent, attached, pending }: GenerationTable): Promise<boolean> {
  return database.withClient(async (client) => {
    try {
      await client.query(`SET lock_timeout = ${DROP_TIMEOUT_MS}; SET statement_timeout = ${DROP_TIMEOUT_MS}`);
      if (attached)
        await client.query(
          `ALTER TABLE ${quoteIdent(...parent)} DETACH PARTITION ${quoteIdent(...table)} ${pending ? 'FINALIZE' : 'CONCURRENTLY'}`,
        );
      await client.query(`DROP TABLE ${quoteIdent(...table)}`);
      return true;
    } catch (error) {
      if (IN_USE.has(codeOf(error) ?? '')) return false;
      throw error;
    } finally {
      await client.query('RESET lock_timeout; RESET statement_timeout').catch(() => undefined);
    }
  });
}

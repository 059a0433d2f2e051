import { codeOf, quoteIdent, type Transaction } from '../../base';
import { stagingTable } from '../names';
import { stagingTables } from '../staging';
import type { Candidate } from './candidate';

const LOCK_NOT_AVAILABLE = '55P03';
const DROP_TIMEOUT_MS = 1_000;

/**
 * Staged rows that are not needed: of resources that did not change, or that were merged. A table that somebody reads (a backup does, for as long as it takes) is left to the discarding or
 * the retention that follows: neither readers nor those who start runs of the dataset may wait for it.
 */
export async function dropStaged(
  tx: Transaction,
  { taskId, attempt, manifest }: Pick<Candidate, 'taskId' | 'attempt' | 'manifest'>,
): Promise<void> {
  const names = new Set(manifest.resources.map(({ resource }) => stagingTable({ taskId, attempt }, resource)[1]));
  for (const leftover of await stagingTables(tx, [taskId])) {
    if (!names.has(leftover.table[1])) continue;
    await tx.query(`SAVEPOINT dropping; SET LOCAL lock_timeout = ${DROP_TIMEOUT_MS}`);
    try {
      await tx.query(`DROP TABLE ${quoteIdent(...leftover.table)}`);
    } catch (error) {
      if (codeOf(error) !== LOCK_NOT_AVAILABLE) throw error;
      await tx.query('ROLLBACK TO SAVEPOINT dropping');
    }
    await tx.query('SET LOCAL lock_timeout TO DEFAULT; RELEASE SAVEPOINT dropping');
  }
}

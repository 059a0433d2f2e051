import { quoteIdent, type Database, type Transaction } from '../../base';
import { GENERATION_COLUMN } from '../columns';
import { generationTable, parentTable, type TablePath } from '../names';
import { letStatementsPass } from '../readers';
import { stagedColumns } from '../staging';
import { refuseUnbalanced } from './balance';
import type { Candidate } from './candidate';
import { lockRun, type Publication } from './outcome';
import type { PreparedResource } from './prepare';

const LOCK_TIMEOUT_MS = 10_000;

export type Attached = { readonly earlier: Publication } | { readonly resources: readonly PreparedResource[] };

/**
 * Makes the staged tables partitions that no pointer names yet, in a transaction of its own, and lets pass the statements that were being
 * planned meanwhile: a plan made in that moment may have the partition in one place and not in another. Answers the outcome when there
 * is one already. Partitions of a run that then fails belong to nobody, and retention removes them.
 */
export async function attachAll(
  database: Database,
  candidate: Candidate,
  prepared: readonly PreparedResource[],
): Promise<Attached> {
  if (prepared.length === 0) return { resources: [] };
  const attached = await database.transaction<Attached>(async (tx) => {
    const earlier = await lockRun(tx, candidate);
    if (earlier) return { earlier };
    await refuseUnbalanced(tx, candidate);
    await tx.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
    const resources: PreparedResource[] = [];
    for (const resource of prepared) resources.push(await attachOnce(tx, candidate, resource));
    return { resources };
  });
  // Also when another delivery of the command attached them a moment ago.
  if ('resources' in attached) {
    await letStatementsPass(
      database,
      prepared.map(({ resource }) => parentTable(candidate.dataset, resource)),
    );
  }
  return attached;
}

async function attachOnce(
  tx: Transaction,
  { dataset, generation }: Candidate,
  { resource, table }: PreparedResource,
): Promise<PreparedResource> {
  const target = generationTable(dataset, resource, generation);
  const before = await stagedColumns(tx, target);
  if (before.length > 0 || !table) return { resource, table: null, columns: before };
  await attach(tx, parentTable(dataset, resource), generation, table, target);
  return { resource, table: null, columns: await stagedColumns(tx, target) };
}

/** Only names change hands: neither the rows nor the readers of other generations are touched. */
async function attach(
  tx: Transaction,
  parent: TablePath,
  generation: number,
  table: TablePath,
  target: TablePath,
): Promise<void> {
  const [schema, name] = target;
  await tx.query(`ALTER TABLE ${quoteIdent(...table)} RESET (autovacuum_enabled)`);
  await tx.query(`ALTER TABLE ${quoteIdent(...table)} SET SCHEMA ${quoteIdent(schema)}`);
  await tx.query(`ALTER TABLE ${quoteIdent(schema, table[1])} RENAME TO ${quoteIdent(name)}`);
  await tx.query(`ALTER TABLE ${quoteIdent(...target)} ALTER COLUMN ${GENERATION_COLUMN} DROP DEFAULT`);
  await tx.query(
    `ALTER TABLE ${quoteIdent(...parent)} ATTACH PARTITION ${quoteIdent(...target)} FOR VALUES IN (${Number(generation)})`,
  );
}

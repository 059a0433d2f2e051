import type { Failure } from '@freshet/domain';
import type { Database } from '../base';
import { storableJson, storableText } from './storable';

export interface StoredExportFile {
  /** Below the export root. */
  readonly path: string;
  readonly resource: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly warning: string | null;
}

/** Records the files of a run's export; a repeated export replaces what the earlier one said. */
export async function recordExport(
  database: Database,
  runId: string,
  generation: number,
  files: readonly StoredExportFile[],
): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.execute('DELETE FROM freshet.export_file WHERE run_id = $1', [runId]);
    for (const { path, resource, bytes, sha256, warning } of files) {
      await tx.execute(
        'INSERT INTO freshet.export_file (run_id, path, resource, generation, bytes, sha256, warning) VALUES ($1, $2, $3, $4, $5, $6, $7)',
        [runId, path, resource, generation, bytes, sha256, warning === null ? null : storableText(warning)],
      );
    }
    await recordOutcome(tx, runId, null);
  });
}

/** What became of a run's export; null while it is wanted: before it was carried out, and after somebody asked for the files again. */
export async function exportOutcome(database: Database, runId: string): Promise<'written' | 'failed' | null> {
  const [row] = await database.query<{ outcome: 'written' | 'failed' }>(
    'SELECT outcome FROM freshet.export WHERE run_id = $1',
    [runId],
  );
  return row?.outcome ?? null;
}

/** Records that the files could not be written. The published generation is not concerned. */
export const recordExportFailure = (database: Database, runId: string, failure: Failure): Promise<void> =>
  recordOutcome(database, runId, failure);

async function recordOutcome(db: Pick<Database, 'execute'>, runId: string, failure: Failure | null): Promise<void> {
  await db.execute(
    `INSERT INTO freshet.export (run_id, outcome, failure) VALUES ($1, $2, $3::jsonb)
     ON CONFLICT (run_id) DO UPDATE SET outcome = excluded.outcome, failure = excluded.failure, decided_at = now()`,
    [runId, failure ? 'failed' : 'written', failure ? storableJson(failure) : null],
  );
}

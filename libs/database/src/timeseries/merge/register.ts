import type { Transaction } from '../../base';
import { storableJson } from '../../loading/storable';
import { twoUnits, type TimeSeriesDefinition, type StagedSeries } from './staged';
import type { NumberedSeries } from './statement';

export interface Registered {
  readonly series: readonly NumberedSeries[];
  /** Names of those that were not known before. */
  readonly added: readonly string[];
}

/**
 * The numbers of the series of staged rows; new ones are added, whatever their codes. Callers hold the dataset's merge lock.
 * @throws FreshetError `check_failed` when the unit of a series is another one than before
 */
export async function registerSeries(
  tx: Transaction,
  { id: dataset, timeseries }: TimeSeriesDefinition,
  runId: string,
  staged: readonly StagedSeries[],
): Promise<Registered> {
  if (staged.length === 0) return { series: [], added: [] };
  const byName = new Map(staged.map((entry) => [entry.name, entry]));
  const known = await read(tx, dataset, [...byName.keys()]);
  const fresh = [...byName.values()].filter(({ name }) => !known.has(name));
  for (const { name, unit } of staged) {
    const before = known.get(name)?.unit ?? byName.get(name)?.unit ?? null;
    if (unit !== null && before !== null && before !== '' && before !== unit) throw twoUnits(name, before, unit);
  }
  const column = <T>(pick: (series: StagedSeries) => T): T[] => fresh.map(pick);
  if (fresh.length > 0)
    await tx.execute(
      `INSERT INTO freshet.series (dataset, name, respondent, aggregate, kind, unit, codes, resolution_seconds, run_id)
       SELECT $1, n.name, n.respondent, n.aggregate, n.kind, n.unit, n.codes, $2, $3
       FROM unnest($4::text[], $5::text[], $6::boolean[], $7::text[], $8::text[], $9::jsonb[]) WITH ORDINALITY AS n (name, respondent, aggregate, kind, unit, codes, place)
       ORDER BY n.place`,
      [
        dataset,
        timeseries.time.resolutionSeconds,
        runId,
        column(({ name }) => name),
        column(({ respondent }) => respondent),
        column(({ aggregate }) => aggregate),
        column(({ kind }) => kind),
        column(({ unit }) => unit ?? ''),
        column(({ codes }) => storableJson(codes)),
      ],
    );
  const numbers = fresh.length > 0 ? await read(tx, dataset, [...byName.keys()]) : known;
  return {
    series: staged.flatMap(({ name, key }) => {
      const found = numbers.get(name);
      return found ? [{ id: found.id, key, respondent: found.respondent }] : [];
    }),
    added: fresh.map(({ name }) => name),
  };
}

async function read(
  tx: Transaction,
  dataset: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, { id: number; respondent: string; unit: string }>> {
  const rows = await tx.query<{ id: number; name: string; respondent: string; unit: string }>(
    'SELECT id, name, respondent, unit FROM freshet.series WHERE dataset = $1 AND name = ANY ($2)',
    [dataset, names],
  );
  return new Map(rows.map((row) => [row.name, row]));
}

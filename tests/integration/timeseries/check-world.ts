import { loadCatalog } from '@freshet/catalog';
import { runSeriesChecks, type CheckOutcome, type CheckScope } from '@freshet/database';
import { isSeriesDefinition, type SeriesCheck, type SeriesCheckSeverity, type SeriesDefinition } from '@freshet/domain';
import type { CheckCase, Stored } from './check-cases';
import { Hourly, hour } from './hourly';

const catalog = loadCatalog();
/** Long after everything in the cases, so that every day is complete. */
export const LATER = new Date('2027-01-01T00:00:00Z');

/** A built-in definition with other checks, asking for one respondent. */
export function checkedBy(
  dataset: string,
  ...checks: ReadonlyArray<Readonly<Record<string, unknown>>>
): SeriesDefinition {
  const definition = catalog.get(dataset);
  if (!isSeriesDefinition(definition)) throw new Error(`${dataset} is no time series`);
  const { paging } = definition;
  return {
    ...definition,
    paging: { ...paging, select: { ...paging.select, values: ['PJM'] } },
    timeseries: {
      ...definition.timeseries,
      checks: checks.map((check) => ({ name: check['kind'], severity: 'note', ...check }) as unknown as SeriesCheck),
    },
  };
}

export const definitionOf = (of: CheckCase, severity: SeriesCheckSeverity): SeriesDefinition =>
  checkedBy(of.dataset, { kind: of.kind, severity, ...of.parameters });

export class CheckWorld extends Hourly {
  async store(stored: readonly Stored[], within: { from?: string; to?: string } = {}): Promise<void> {
    for (const { series, start, values } of stored) {
      const id = await this.series(series);
      const { from = start, to = '9999-01-01T00:00:00Z' } = within;
      await this.put(
        id,
        start,
        values.map((value, nth) =>
          hour(start, nth) >= new Date(from) && hour(start, nth) < new Date(to) ? value : undefined,
        ),
      );
    }
  }

  check(
    definition: SeriesDefinition,
    from: string,
    to: string,
    more: Partial<CheckScope> = {},
  ): Promise<readonly CheckOutcome[]> {
    const scope: CheckScope = { from: new Date(from), to: new Date(to), runId: null, now: LATER, ...more };
    return this.database.transaction((tx) => runSeriesChecks(tx, definition, scope));
  }

  /** The only check of the definition. */
  async checkOne(...args: Parameters<CheckWorld['check']>): Promise<CheckOutcome> {
    const [outcome] = await this.check(...args);
    if (!outcome) throw new Error('the definition has no check');
    return outcome;
  }
}

import type { DiffView } from '@freshet/contracts';
import type { DatasetDefinition } from '@freshet/domain';

/** Versions of a dataset; the loading part of the database does it. Both throw a `FreshetError` for a generation that is not there. */
export interface GenerationsPort {
  /** `to` null: the generation before the published one. */
  rollback(dataset: string, to: number | null): Promise<{ readonly from: number; readonly to: number }>;
  diff(definition: DatasetDefinition, from: number, to: number): Promise<DiffView>;
}

import { FreshetError, type DatasetDefinition, type SeriesCheckKind } from '@freshet/domain';
import type { CheckKind } from './kind';
import { balance } from './kinds/balance';
import { count } from './kinds/count';
import { dstSeam } from './kinds/dst-seam';
import { fuelSum } from './kinds/fuel-sum';
import { identicalRun } from './kinds/identical-run';
import { negative } from './kinds/negative';
import { nonInteger } from './kinds/non-integer';
import { pairSymmetry } from './kinds/pair-symmetry';
import { range } from './kinds/range';
import { repeatedDay } from './kinds/repeated-day';
import { spike } from './kinds/spike';

/** Every kind of check over stored series; a new one is added here. */
export const SERIES_CHECK_KINDS = [
  balance,
  count,
  dstSeam,
  fuelSum,
  identicalRun,
  negative,
  nonInteger,
  pairSymmetry,
  range,
  repeatedDay,
  spike,
] as const;

/** @throws FreshetError `definition_invalid` */
export function seriesCheckKind(kind: SeriesCheckKind, kinds: readonly unknown[] = SERIES_CHECK_KINDS): CheckKind {
  // The list holds each kind with its own type of check, and the kind asked for is the check's own.
  const known = kinds as readonly CheckKind[];
  const found = known.find((candidate) => candidate.kind === kind);
  if (found) return found;
  throw new FreshetError('definition_invalid', {
    message: `there is no series check named ${JSON.stringify(kind)}`,
    nextStep: `Use one of: ${known.map((candidate) => candidate.kind).join(', ')}.`,
    attributes: { kind },
  });
}

/** At start: a definition that names a missing kind must not wait for its first merge to say so. @throws FreshetError `definition_invalid` */
export function assertSeriesChecksKnown(
  definitions: ReadonlyArray<Pick<DatasetDefinition, 'timeseries'>>,
  kinds: readonly unknown[] = SERIES_CHECK_KINDS,
): void {
  for (const { timeseries } of definitions)
    for (const { kind } of timeseries?.checks ?? []) seriesCheckKind(kind, kinds);
}

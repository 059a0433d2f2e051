import type { CheckResultView, ObservationView, SeriesView } from '@freshet/contracts';
import type { Column } from '../tables/column';

/** The columns of the formats for analysis, in the names that tables have. */
export const OBSERVATION_COLUMNS: ReadonlyArray<Column<ObservationView>> = [
  { name: 'series', type: 'text', repeats: true, value: ({ series }) => series },
  { name: 'starts_at', type: 'instant', value: ({ startsAt }) => startsAt },
  { name: 'ends_at', type: 'instant', value: ({ endsAt }) => endsAt },
  { name: 'value', type: 'decimal', value: ({ value }) => value },
  { name: 'unit', type: 'text', repeats: true, value: ({ unit }) => unit },
  { name: 'quality', type: 'text', repeats: true, value: ({ quality }) => quality },
  { name: 'corrected_starts_at', type: 'instant', value: ({ correctedStartsAt }) => correctedStartsAt },
  { name: 'first_seen', type: 'instant', value: ({ firstSeen }) => firstSeen },
  { name: 'revisions', type: 'integer', value: ({ revisions }) => revisions },
];

export const SERIES_COLUMNS: ReadonlyArray<Column<SeriesView>> = [
  { name: 'dataset', type: 'text', repeats: true, value: ({ dataset }) => dataset },
  { name: 'series', type: 'text', value: ({ name }) => name },
  { name: 'respondent', type: 'text', repeats: true, value: ({ respondent }) => respondent },
  { name: 'aggregate', type: 'boolean', value: ({ aggregate }) => aggregate },
  { name: 'kind', type: 'text', repeats: true, value: ({ kind }) => kind },
  { name: 'unit', type: 'text', repeats: true, value: ({ unit }) => unit },
  { name: 'codes', type: 'text', value: ({ codes }) => JSON.stringify(codes) },
  { name: 'resolution_seconds', type: 'integer', value: ({ resolutionSeconds }) => resolutionSeconds },
  { name: 'first_starts_at', type: 'instant', value: ({ firstStartsAt }) => firstStartsAt },
  { name: 'last_ends_at', type: 'instant', value: ({ lastEndsAt }) => lastEndsAt },
];

/** Without the examples, which are no table. */
export const CHECK_COLUMNS: ReadonlyArray<Column<CheckResultView>> = [
  { name: 'checked_at', type: 'instant', value: ({ checkedAt }) => checkedAt },
  { name: 'dataset', type: 'text', repeats: true, value: ({ dataset }) => dataset },
  { name: 'run_id', type: 'text', repeats: true, value: ({ runId }) => runId },
  { name: 'name', type: 'text', repeats: true, value: ({ name }) => name },
  { name: 'kind', type: 'text', repeats: true, value: ({ kind }) => kind },
  { name: 'severity', type: 'text', repeats: true, value: ({ severity }) => severity },
  { name: 'from', type: 'instant', value: ({ from }) => from },
  { name: 'to', type: 'instant', value: ({ to }) => to },
  { name: 'evaluated', type: 'integer', value: ({ evaluated }) => evaluated },
  { name: 'failed', type: 'integer', value: ({ failed }) => failed },
];

export { healthSummary, type HealthSummary } from './health';
export type { CheckKind, CheckOf, CheckedDefinition, Over, Reach } from './kind';
export { SERIES_CHECK_KINDS, assertSeriesChecksKnown, seriesCheckKind } from './registry';
export {
  listCheckResults,
  newestCheckResults,
  pageOfCheckResults,
  storeCheckOutcomes,
  type CheckResultsQuery,
} from './results';
export { runSeriesChecks, type CheckOutcome, type CheckScope } from './run';

export { checkTimeSeries } from './check';
export { mergeTimeSeries, type Merged } from './merge';
export { lockMerges, type MergeFacts } from './merge-staged';
export type { MergeCounts } from './write';

export { checkTimeSeries } from './check';
export { mergeTimeSeries, type Merged } from './merge';
export { lockMerges, type MergeCounts, type MergeFacts } from './merge-staged';

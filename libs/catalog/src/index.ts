export * from './catalog';
export { PARSER_VERSION } from './content-version';
export { datasetJsonSchema } from './json-schema';
export * from './load-catalog';
export { readDataset, type Mistake, type ReadResult } from './read-dataset';
export { PATTERN_VALUE_LIMIT } from './safe-pattern';
export { suggest } from './suggest';

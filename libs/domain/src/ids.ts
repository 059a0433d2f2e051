/** Branded identifiers: a string or number that has been checked to be one, so that two kinds cannot be swapped. */
declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** `<source>.<name>`, for example `bsee.well`. */
export type DatasetId = Branded<string, 'DatasetId'>;
/** UUID of one refresh of one dataset. */
export type RunId = Branded<string, 'RunId'>;
/** UUID of one unit of fetching inside a run. */
export type TaskId = Branded<string, 'TaskId'>;

const DATASET_ID = /^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isDatasetId = (value: string): value is DatasetId => DATASET_ID.test(value);
export const isUuid = (value: string): boolean => UUID.test(value);

/** @throws RangeError when `value` is not `<source>.<name>` in lower case. */
export function datasetId(value: string): DatasetId {
  if (!isDatasetId(value))
    throw new RangeError(`not a dataset id: ${JSON.stringify(value)} (expected <source>.<name>)`);
  return value;
}

/** @throws RangeError when `value` is not a UUID. */
export function runId(value: string): RunId {
  if (!isUuid(value)) throw new RangeError(`not a run id: ${JSON.stringify(value)}`);
  return value as RunId;
}

/** @throws RangeError when `value` is not a UUID. */
export function taskId(value: string): TaskId {
  if (!isUuid(value)) throw new RangeError(`not a task id: ${JSON.stringify(value)}`);
  return value as TaskId;
}

/** The source part of a dataset id: `bsee` of `bsee.well`. */
export const sourceOf = (id: DatasetId): string => id.slice(0, id.indexOf('.'));

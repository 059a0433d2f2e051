/**
 * Names of the tables that hold rows, in one place:
 * - `freshet_stage."<task>_<attempt>_<resource>"`: what an attempt has loaded so far
 * - `freshet_data."<source>.<resource>"`: the parent of all published generations
 * - `freshet_data."<source>.<resource>@<generation>"`: one of them
 * - `"<source>"."<resource>"`: the view that readers use
 */
import { createHash } from 'node:crypto';
import { sourceOf, type DatasetId } from '@freshet/domain';

export const STAGE_SCHEMA = 'freshet_stage';
export const DATA_SCHEMA = 'freshet_data';

/** PostgreSQL cuts longer names silently, and two cut names could be the same. */
const MAX_NAME_BYTES = 63;

export type TablePath = readonly [schema: string, table: string];

export interface Attempt {
  readonly taskId: string;
  readonly attempt: number;
}

export const stagingTable = ({ taskId, attempt }: Attempt, resource: string): TablePath => [
  STAGE_SCHEMA,
  fitted(`${taskId.replaceAll('-', '')}_${attempt}_`, resource),
];

export const parentTable = (dataset: string, resource: string): TablePath => [
  DATA_SCHEMA,
  fitted(`${source(dataset)}.`, resource, 14),
];

export const generationTable = (dataset: string, resource: string, generation: number): TablePath => [
  DATA_SCHEMA,
  `${parentTable(dataset, resource)[1]}@${generation}`,
];

/**
 * Index of a staging table over the positions of its rows. Its name is ours: PostgreSQL would cut the table's name to make one, and
 * two resources of an attempt, prepared at the same time, would be given the same.
 */
export const chunkIndex = ([, table]: TablePath): string =>
  `chunk_${createHash('sha256').update(table).digest('hex').slice(0, 32)}`;

export const readerView = (dataset: string, resource: string): TablePath => [source(dataset), fitted('', resource)];

/** The attempt a staging table belongs to, null for a table of another kind. */
export function attemptOfStaging(table: string): Attempt | null {
  const match = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})_(\d+)_/.exec(table);
  return match ? { taskId: match.slice(1, 6).join('-'), attempt: Number(match[6]) } : null;
}

const source = (dataset: string): string => sourceOf(dataset as DatasetId);

/** `prefix + name`, with the end of the name replaced by its hash where it does not fit with `reserve` bytes to spare. */
function fitted(prefix: string, name: string, reserve = 0): string {
  const limit = MAX_NAME_BYTES - reserve - Buffer.byteLength(prefix);
  if (Buffer.byteLength(name) <= limit) return prefix + name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 10);
  return `${prefix}${name.slice(0, Math.max(0, limit - 11))}_${hash}`;
}

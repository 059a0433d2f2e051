/**
 * What a dataset is, as data. `libs/catalog` reads these from YAML, validates them, and is the only maker of them;
 * everything downstream trusts the types.
 */
import type { DatasetId } from './ids';
import type { Credential, PagedJson, RateLimit } from './paging';
import type { TimeSeries } from './timeseries';

export type Mode = 'snapshot' | 'timeseries' | 'objects' | 'documents';

/**
 * - `text` as published · `integer` 64 bit · `decimal` exact, any scale · `boolean`
 * - `date` a civil date · `datetime` a civil date and time, zone unknown, kept as such (`timestamp without time zone`)
 */
export type ColumnType = 'text' | 'integer' | 'decimal' | 'boolean' | 'date' | 'datetime';

export interface ColumnDefinition {
  /** As published; stored lower-cased (`storedName`). */
  readonly name: string;
  readonly type: ColumnType;
  /** A null here refuses the row. */
  readonly required: boolean;
  /** Names or contact details of people: masked in logs, diffs, samples and the quarantine view. */
  readonly personal: boolean;
  readonly unit?: string;
  readonly description?: string;
  readonly checks: readonly ColumnCheck[];
}

/** Row checks on one column; a row that fails is refused (`refuse`) or counted and kept (`note`). */
export type ColumnCheck =
  | { readonly kind: 'range'; readonly min?: number; readonly max?: number; readonly severity: CheckSeverity }
  | { readonly kind: 'pattern'; readonly pattern: string; readonly severity: CheckSeverity }
  | { readonly kind: 'oneOf'; readonly values: readonly string[]; readonly severity: CheckSeverity }
  | { readonly kind: 'maxLength'; readonly length: number; readonly severity: CheckSeverity };
export type CheckSeverity = 'refuse' | 'note';

/**
 * What to do about a column the definition does not name, one it names that is missing, or a value that is not of its type.
 * `evolve` adds the column (as text), leaves a missing one null, keeps a mistyped value as null with its published text beside it ·
 * `freeze` fails the run · `discard_row` refuses the rows concerned · `discard_value` drops the value and counts it.
 */
export type ContractPolicy = 'evolve' | 'freeze' | 'discard_row' | 'discard_value';
export interface SchemaContract {
  readonly unknownColumn: ContractPolicy;
  readonly missingColumn: ContractPolicy;
  readonly valueType: ContractPolicy;
}

export interface NullRule {
  /** Whether an empty value, quoted or not, is null. */
  readonly empty: boolean;
  /** Further words that mean null, compared exactly. */
  readonly words: readonly string[];
}

export type Encoding = 'windows-1252' | 'utf-8';

export interface CsvFormat {
  readonly reader: 'csv';
  readonly delimiter: string;
  readonly quote: string;
  readonly header: boolean;
  readonly encoding: Encoding;
}

/** Objects of a JSON array, one line of JSON text each. */
export interface JsonFormat {
  readonly reader: 'json';
  readonly encoding: 'utf-8';
  /** Column that gets the whole record as it was received; null for none. */
  readonly record: string | null;
}

export type ResourceFormat = CsvFormat | JsonFormat;

/** One part of a dataset: a member of an archive, usually one table. */
export interface ResourceDefinition {
  /** Unique in its source; also the name of the view readers use, in the schema named after the source. */
  readonly name: string;
  /** File name of the archive member, without folders, matched case-insensitively; for an API the last part of the route. */
  readonly member: string;
  readonly required: boolean;
  readonly format: ResourceFormat;
  readonly columns: readonly ColumnDefinition[];
  /** Published column names that identify a record; empty where there is none. */
  readonly key: readonly string[];
  readonly contract: SchemaContract;
  readonly nulls: NullRule;
  /** Layouts a date or datetime of this resource may have, for example `M/D/YYYY h:mm:ss A`. */
  readonly dateFormats: readonly string[];
  readonly maxRecordBytes: number;
}

/** One way to reach the payload, tried in order. */
export type AccessWay =
  | { readonly kind: 'api'; readonly url: string }
  | { readonly kind: 'portal'; readonly page: string; readonly file: string; readonly displayName?: string }
  | { readonly kind: 'url'; readonly url: string };

export interface Timeouts {
  readonly connectMs: number;
  /** Longest silence while a body arrives. */
  readonly stallMs: number;
  /** Whole download of the first attempt; attempt n gets `totalMs × (1 + growth × (n − 1))`. */
  readonly totalMs: number;
  readonly growth: number;
}

export interface RetryPolicy {
  /** Attempts in all, the first included; attempts handed back on shutdown do not count. */
  readonly maxAttempts: number;
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
}

export interface ArchiveLimits {
  readonly maxEntries: number;
  readonly maxCompressedBytes: number;
  readonly maxUncompressedBytes: number;
  /** Uncompressed over compressed, looked at once an entry has given its first mebibyte. */
  readonly maxRatio: number;
}

export interface Gates {
  /** Largest share of refused rows in any resource, 0 to 1. */
  readonly maxRefusedShare: number;
  /** Largest relative change of a resource's row count against the published generation, 0 to 1; null switches it off. */
  readonly maxRowDrift: number | null;
  readonly uniqueKey: 'hold' | 'off';
}

export interface PickleExport {
  readonly kind: 'pickle';
  /** Folder below the export root, for example `data/modules/bsee/bin/apd`. */
  readonly folder: string;
  readonly dtypes: 'legacy' | 'declared';
  /** A file larger than this many bytes is reported with a warning. */
  readonly warnBytes: number;
}

export type ConnectorKind = 'zip-archive' | 'paged-json';

export type ConcurrencyPolicy = 'forbid' | 'queue' | 'replace';

export interface DatasetDefinition {
  readonly id: DatasetId;
  readonly title: string;
  readonly description?: string;
  readonly mode: Mode;
  readonly connector: ConnectorKind;
  readonly source: string;
  readonly access: readonly AccessWay[];
  /** Pages of the publisher where people query the same data; a probe looks for endpoints behind them, a refresh does not use them. */
  readonly queryPages?: readonly string[];
  /** Hosts that may be fetched although they resolve to addresses that are not public (`host` or `host:port`). */
  readonly allowPrivateHosts: readonly string[];
  readonly userAgent?: string;
  readonly resources: readonly ResourceDefinition[];
  /** Cron expressions in `timeZone`. */
  readonly schedule: { readonly cron: readonly string[]; readonly timeZone: string } | null;
  /** Seconds after the last confirmation from which the dataset is stale. */
  readonly maxAgeSeconds: number;
  readonly timeouts: Timeouts;
  readonly retry: RetryPolicy;
  readonly archive: ArchiveLimits;
  readonly gates: Gates;
  readonly concurrency: ConcurrencyPolicy;
  /** How many published generations are kept, the current one included. */
  readonly retainGenerations: number;
  readonly exports: readonly PickleExport[];
  /** Parameters of the connector `paged-json`, null for others. */
  readonly paging: PagedJson | null;
  /** Set exactly where `mode` is `timeseries`. */
  readonly timeseries: TimeSeries | null;
  readonly rateLimit: RateLimit | null;
  readonly credential: Credential | null;
  /** Licence and attribution the publisher asks for. */
  readonly licence?: string;
  /** SHA-256 (hex) over everything that changes what is stored: format, columns, types, nulls, contract. */
  readonly contentVersion: string;
}

/** Name of a column in the database: published names are upper snake case, stored ones lower. */
export const storedName = (published: string): string =>
  published
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '_')
    .replace(/^(?=[0-9])/, '_')
    .slice(0, 63);

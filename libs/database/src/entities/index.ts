import { BackfillPartitionRow, BackfillRow, CoolDownRow, RateLimitRow } from './backfill';
import { DatasetRow, PointerRow, ScheduleTickRow } from './dataset';
import {
  ChangeLogRow,
  ExportFileRow,
  ExportRow,
  GenerationResourceRow,
  GenerationRow,
  PublicationRow,
} from './generation';
import { LeaderRow } from './leader';
import { LedgerRow, QuarantineRow } from './ledger';
import { LineageDeliveryRow, LineageSinkRow } from './lineage';
import { AlertStateRow, DeadLetterRow, NotificationRow, OutboxRow } from './messages';
import { RunProcessRow, RunRow, TaskAttemptRow, TaskRow } from './run';
import { CheckResultRow, MergeRow, ObservationRevisionRow, ObservationRow, SeriesRow } from './timeseries';

export * from './backfill';
export * from './dataset';
export * from './generation';
export * from './leader';
export * from './ledger';
export * from './lineage';
export * from './messages';
export * from './run';
export * from './timeseries';

/** Every table of the schema `freshet`; a test compares them with the migrations. */
export const entities = [
  DatasetRow,
  PointerRow,
  ScheduleTickRow,
  RunRow,
  TaskRow,
  TaskAttemptRow,
  RunProcessRow,
  LedgerRow,
  QuarantineRow,
  GenerationRow,
  GenerationResourceRow,
  PublicationRow,
  ExportRow,
  ExportFileRow,
  ChangeLogRow,
  OutboxRow,
  DeadLetterRow,
  NotificationRow,
  AlertStateRow,
  SeriesRow,
  MergeRow,
  ObservationRow,
  ObservationRevisionRow,
  CheckResultRow,
  BackfillRow,
  BackfillPartitionRow,
  RateLimitRow,
  CoolDownRow,
  LineageSinkRow,
  LineageDeliveryRow,
  LeaderRow,
] as const;

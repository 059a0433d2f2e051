import { DatasetRow, PointerRow, ScheduleTickRow } from './dataset';
import {
  ChangeLogRow,
  ExportFileRow,
  ExportRow,
  GenerationResourceRow,
  GenerationRow,
  PublicationRow,
} from './generation';
import { LedgerRow, QuarantineRow } from './ledger';
import { AlertStateRow, DeadLetterRow, NotificationRow, OutboxRow } from './messages';
import { RunProcessRow, RunRow, TaskAttemptRow, TaskRow } from './run';

export * from './dataset';
export * from './generation';
export * from './ledger';
export * from './messages';
export * from './run';

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
] as const;

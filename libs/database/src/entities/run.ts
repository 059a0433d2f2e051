import type { Failure, RunParameters, RunState, TaskManifest, TaskState, Trigger, AttemptEnd } from '@freshet/domain';
import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, Unique } from 'typeorm';
import { DatasetRow } from './dataset';
import { asNumber } from './number';

const RUN_STATES = `state = ANY (ARRAY['queued'::text, 'running'::text, 'publishing'::text, 'exporting'::text, 'published'::text, 'unchanged'::text, 'failed'::text, 'cancelled'::text])`;
const TASK_STATES = `state = ANY (ARRAY['waiting'::text, 'issued'::text, 'leased'::text, 'fetched'::text, 'done'::text, 'failed'::text, 'cancelled'::text])`;

@Entity({ schema: 'freshet', name: 'run' })
@Check('run_state_check', RUN_STATES)
@Unique('run_idempotency_key_key', ['idempotencyKey'])
@Index('run_active', ['state'], {
  where: `state = ANY (ARRAY['queued'::text, 'running'::text, 'publishing'::text, 'exporting'::text])`,
})
// TypeORM has no word for a descending column, so it leaves this index of the migration alone.
@Index('run_by_dataset', { synchronize: false })
export class RunRow {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'run_pkey' }) id!: string;
  @Column('text') dataset!: string;
  @ManyToOne(() => DatasetRow)
  @JoinColumn({ name: 'dataset', foreignKeyConstraintName: 'run_dataset_fkey' })
  datasetRow?: DatasetRow;
  @Column('text') state!: RunState;
  @Column('text') trigger!: Trigger;
  @Column('text', { name: 'idempotency_key' }) idempotencyKey!: string;
  @Column('boolean', { default: false }) force!: boolean;
  @Column('text', { nullable: true }) file!: string | null;
  @Column('text', { name: 'content_version' }) contentVersion!: string;
  @Column('bigint', { transformer: asNumber }) generation!: number;
  @Column('boolean', { name: 'cancel_requested', default: false }) cancelRequested!: boolean;
  @Column('timestamptz', { name: 'requested_at', default: () => 'now()' }) requestedAt!: Date;
  @Column('timestamptz', { name: 'started_at', nullable: true }) startedAt!: Date | null;
  @Column('timestamptz', { name: 'ended_at', nullable: true }) endedAt!: Date | null;
  @Column('timestamptz', { name: 'progressed_at', default: () => 'now()' }) progressedAt!: Date;
  @Column('jsonb', { nullable: true }) failure!: Failure | null;
  @Column('jsonb', { default: {} }) params!: RunParameters;
  @Column('smallint', { default: 0 }) priority!: number;
}

@Entity({ schema: 'freshet', name: 'task' })
@Check('task_state_check', TASK_STATES)
@Index('task_by_run', ['runId'])
@Index('task_active', ['state'], {
  where: `state = ANY (ARRAY['waiting'::text, 'issued'::text, 'leased'::text, 'fetched'::text])`,
})
export class TaskRow {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'task_pkey' }) id!: string;
  @Column('uuid', { name: 'run_id' }) runId!: string;
  @ManyToOne(() => RunRow, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'run_id', foreignKeyConstraintName: 'task_run_id_fkey' })
  run?: RunRow;
  @Column('text') state!: TaskState;
  @Column('integer', { default: 0 }) attempt!: number;
  @Column('integer', { default: 0 }) tries!: number;
  @Column('timestamptz', { name: 'next_attempt_at', nullable: true }) nextAttemptAt!: Date | null;
  @Column('timestamptz', { name: 'issued_at', nullable: true }) issuedAt!: Date | null;
  @Column('uuid', { name: 'lease_token', nullable: true }) leaseToken!: string | null;
  @Column('text', { name: 'lease_worker', nullable: true }) leaseWorker!: string | null;
  @Column('timestamptz', { name: 'lease_expires_at', nullable: true }) leaseExpiresAt!: Date | null;
  @Column('jsonb', { nullable: true }) manifest!: TaskManifest | null;
  @Column('jsonb', { default: {} }) progress!: Record<string, unknown>;
  @Column('jsonb', { nullable: true }) failure!: Failure | null;
}

@Entity({ schema: 'freshet', name: 'task_attempt' })
export class TaskAttemptRow {
  @PrimaryColumn('uuid', { name: 'task_id', primaryKeyConstraintName: 'task_attempt_pkey' }) taskId!: string;
  @ManyToOne(() => TaskRow, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'task_id', foreignKeyConstraintName: 'task_attempt_task_id_fkey' })
  task?: TaskRow;
  @PrimaryColumn('integer', { primaryKeyConstraintName: 'task_attempt_pkey' }) attempt!: number;
  @Column('text', { nullable: true }) worker!: string | null;
  @Column('timestamptz', { name: 'issued_at', default: () => 'now()' }) issuedAt!: Date;
  @Column('timestamptz', { name: 'claimed_at', nullable: true }) claimedAt!: Date | null;
  @Column('timestamptz', { name: 'lease_expires_at', nullable: true }) leaseExpiresAt!: Date | null;
  @Column('jsonb', { default: {} }) progress!: Record<string, unknown>;
  @Column('jsonb', { nullable: true }) manifest!: TaskManifest | null;
  @Column('bigint', { name: 'retry_after_ms', default: 0, transformer: asNumber }) retryAfterMs!: number;
  @Column('timestamptz', { name: 'ended_at', nullable: true }) endedAt!: Date | null;
  @Column('text', { nullable: true }) end!: AttemptEnd | null;
  @Column('jsonb', { nullable: true }) failure!: Failure | null;
}

@Entity({ schema: 'freshet', name: 'run_process' })
export class RunProcessRow {
  @PrimaryColumn('uuid', { name: 'run_id', primaryKeyConstraintName: 'run_process_pkey' }) runId!: string;
  @ManyToOne(() => RunRow, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'run_id', foreignKeyConstraintName: 'run_process_run_id_fkey' })
  run?: RunRow;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'run_process_pkey' }) service!: string;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'run_process_pkey' }) instance!: string;
  @Column('bigint', { name: 'peak_rss_bytes', transformer: asNumber }) peakRssBytes!: number;
}

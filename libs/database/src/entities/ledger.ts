import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { asNumber } from './number';
import { RunRow, TaskRow } from './run';

@Entity({ schema: 'freshet', name: 'ledger' })
export class LedgerRow {
  @PrimaryColumn('uuid', { name: 'task_id', primaryKeyConstraintName: 'ledger_pkey' }) taskId!: string;
  @ManyToOne(() => TaskRow, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'task_id', foreignKeyConstraintName: 'ledger_task_id_fkey' })
  task?: TaskRow;
  @PrimaryColumn('integer', { primaryKeyConstraintName: 'ledger_pkey' }) attempt!: number;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'ledger_pkey' }) resource!: string;
  @PrimaryColumn('integer', { primaryKeyConstraintName: 'ledger_pkey' }) chunk!: number;
  @Column('integer') records!: number;
  @Column('integer') rows!: number;
  @Column('integer') refused!: number;
  @Column('bigint', { transformer: asNumber }) bytes!: number;
  @Column('text') checksum!: string;
  @Column('jsonb', { default: {} }) notes!: Record<string, number>;
  @Column('jsonb', { nullable: true }) summary!: unknown;
  @Column('timestamptz', { name: 'loaded_at', default: () => 'now()' }) loadedAt!: Date;
}

@Entity({ schema: 'freshet', name: 'quarantine' })
@Unique('quarantine_task_id_attempt_resource_chunk_row_key', ['taskId', 'attempt', 'resource', 'chunk', 'row'])
// TypeORM has no word for a descending column, so it leaves this index of the migration alone.
@Index('quarantine_by_dataset', { synchronize: false })
@Index('quarantine_by_run', ['runId'])
export class QuarantineRow {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'quarantine_pkey',
  })
  id!: string;
  @Column('text') dataset!: string;
  @Column('uuid', { name: 'run_id' }) runId!: string;
  @ManyToOne(() => RunRow, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'run_id', foreignKeyConstraintName: 'quarantine_run_id_fkey' })
  run?: RunRow;
  @Column('uuid', { name: 'task_id' }) taskId!: string;
  @Column('integer') attempt!: number;
  @Column('text') resource!: string;
  @Column('integer') chunk!: number;
  @Column('integer') row!: number;
  @Column('text') reason!: string;
  @Column('text', { nullable: true }) column!: string | null;
  @Column('text') detail!: string;
  @Column('text') record!: string;
  @Column('jsonb', { default: [] }) header!: readonly string[];
  @Column('timestamptz', { name: 'seen_at', default: () => 'now()' }) seenAt!: Date;
}

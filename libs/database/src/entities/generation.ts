import type { AccessReport, Failure, Validators } from '@freshet/domain';
import { Check, Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, Unique } from 'typeorm';
import { DatasetRow } from './dataset';
import { asNumber } from './number';
import { RunRow } from './run';

@Entity({ schema: 'freshet', name: 'generation' })
@Check('generation_state_check', `state = ANY (ARRAY['published'::text, 'retired'::text])`)
@Unique('generation_run_id_key', ['runId'])
export class GenerationRow {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'generation_pkey' }) dataset!: string;
  @ManyToOne(() => DatasetRow)
  @JoinColumn({ name: 'dataset', foreignKeyConstraintName: 'generation_dataset_fkey' })
  datasetRow?: DatasetRow;
  @PrimaryColumn('bigint', { transformer: asNumber, primaryKeyConstraintName: 'generation_pkey' }) number!: number;
  @Column('uuid', { name: 'run_id' }) runId!: string;
  @ManyToOne(() => RunRow)
  @JoinColumn({ name: 'run_id', foreignKeyConstraintName: 'generation_run_id_fkey' })
  run?: RunRow;
  @Column('text') state!: 'published' | 'retired';
  @Column('text', { name: 'content_version' }) contentVersion!: string;
  @Column('jsonb', { default: {} }) validators!: Validators;
  @Column('jsonb') access!: AccessReport;
  @Column('timestamptz', { name: 'published_at', default: () => 'now()' }) publishedAt!: Date;
}

@Entity({ schema: 'freshet', name: 'generation_resource' })
export class GenerationResourceRow {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'generation_resource_pkey' }) dataset!: string;
  @PrimaryColumn('bigint', { transformer: asNumber, primaryKeyConstraintName: 'generation_resource_pkey' })
  generation!: number;
  @ManyToOne(() => GenerationRow, { onDelete: 'CASCADE' })
  @JoinColumn([
    {
      name: 'dataset',
      referencedColumnName: 'dataset',
      foreignKeyConstraintName: 'generation_resource_dataset_generation_fkey',
    },
    {
      name: 'generation',
      referencedColumnName: 'number',
      foreignKeyConstraintName: 'generation_resource_dataset_generation_fkey',
    },
  ])
  generationRow?: GenerationRow;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'generation_resource_pkey' }) resource!: string;
  @Column('bigint', { name: 'rows_from', transformer: asNumber }) rowsFrom!: number;
  @Column('uuid', { name: 'task_id' }) taskId!: string;
  @Column('integer') attempt!: number;
  @Column('bigint', { transformer: asNumber }) rows!: number;
  @Column('bigint', { transformer: asNumber }) refused!: number;
  @Column('bigint', { transformer: asNumber }) bytes!: number;
  @Column('text') sha256!: string;
  @Column('jsonb') columns!: unknown;
}

@Entity({ schema: 'freshet', name: 'publication' })
@Check('publication_outcome_check', `outcome = ANY (ARRAY['published'::text, 'unchanged'::text, 'refused'::text])`)
export class PublicationRow {
  @PrimaryColumn('uuid', { name: 'run_id', primaryKeyConstraintName: 'publication_pkey' }) runId!: string;
  @ManyToOne(() => RunRow, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'run_id', foreignKeyConstraintName: 'publication_run_id_fkey' })
  run?: RunRow;
  @Column('text') outcome!: 'published' | 'unchanged' | 'refused';
  @Column('bigint', { nullable: true, transformer: asNumber }) generation!: number | null;
  @Column('jsonb', { nullable: true }) failure!: Failure | null;
  @Column('timestamptz', { name: 'decided_at', default: () => 'now()' }) decidedAt!: Date;
  @Column('timestamptz', { name: 'confirmed_at', nullable: true }) confirmedAt!: Date | null;
}

@Entity({ schema: 'freshet', name: 'export' })
@Check('export_outcome_check', `outcome = ANY (ARRAY['written'::text, 'failed'::text])`)
export class ExportRow {
  @PrimaryColumn('uuid', { name: 'run_id', primaryKeyConstraintName: 'export_pkey' }) runId!: string;
  @ManyToOne(() => RunRow, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'run_id', foreignKeyConstraintName: 'export_run_id_fkey' })
  run?: RunRow;
  @Column('text') outcome!: 'written' | 'failed';
  @Column('jsonb', { nullable: true }) failure!: Failure | null;
  @Column('timestamptz', { name: 'decided_at', default: () => 'now()' }) decidedAt!: Date;
}

@Entity({ schema: 'freshet', name: 'export_file' })
export class ExportFileRow {
  @PrimaryColumn('uuid', { name: 'run_id', primaryKeyConstraintName: 'export_file_pkey' }) runId!: string;
  @ManyToOne(() => RunRow, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'run_id', foreignKeyConstraintName: 'export_file_run_id_fkey' })
  run?: RunRow;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'export_file_pkey' }) path!: string;
  @Column('text') resource!: string;
  @Column('bigint', { transformer: asNumber }) generation!: number;
  @Column('bigint', { transformer: asNumber }) bytes!: number;
  @Column('text') sha256!: string;
  @Column('text', { nullable: true }) warning!: string | null;
  @Column('timestamptz', { name: 'written_at', default: () => 'now()' }) writtenAt!: Date;
}

@Entity({ schema: 'freshet', name: 'change_log' })
export class ChangeLogRow {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'change_log_pkey' }) dataset!: string;
  @PrimaryColumn('bigint', {
    name: 'from_generation',
    transformer: asNumber,
    primaryKeyConstraintName: 'change_log_pkey',
  })
  fromGeneration!: number;
  @PrimaryColumn('bigint', {
    name: 'to_generation',
    transformer: asNumber,
    primaryKeyConstraintName: 'change_log_pkey',
  })
  toGeneration!: number;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'change_log_pkey' }) resource!: string;
  @Column('jsonb') changes!: unknown;
  @Column('timestamptz', { name: 'computed_at', default: () => 'now()' }) computedAt!: Date;
}

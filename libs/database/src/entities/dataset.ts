import { Column, Entity, PrimaryColumn } from 'typeorm';
import { asNumber } from './number';

@Entity({ schema: 'freshet', name: 'dataset' })
export class DatasetRow {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'dataset_pkey' }) id!: string;
  @Column('bigint', { name: 'current_generation', nullable: true, transformer: asNumber }) currentGeneration!:
    number | null;
  @Column('bigint', { name: 'head_generation', nullable: true, transformer: asNumber }) headGeneration!: number | null;
  @Column('boolean', { default: false }) pinned!: boolean;
  @Column('bigint', { name: 'next_generation', default: 1, transformer: asNumber }) nextGeneration!: number;
  @Column('timestamptz', { name: 'confirmed_at', nullable: true }) confirmedAt!: Date | null;
  @Column('timestamptz', { name: 'created_at', default: () => 'now()' }) createdAt!: Date;
}

@Entity({ schema: 'freshet', name: 'pointer' })
export class PointerRow {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pointer_pkey' }) dataset!: string;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pointer_pkey' }) resource!: string;
  @Column('bigint', { transformer: asNumber }) generation!: number;
}

@Entity({ schema: 'freshet', name: 'schedule_tick' })
export class ScheduleTickRow {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'schedule_tick_pkey' }) dataset!: string;
  @PrimaryColumn('timestamptz', { name: 'due_at', primaryKeyConstraintName: 'schedule_tick_pkey' }) dueAt!: Date;
  @Column('uuid', { name: 'run_id', nullable: true }) runId!: string | null;
}

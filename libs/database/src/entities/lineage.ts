import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { RunRow } from './run';

@Entity({ schema: 'freshet', name: 'lineage_sink' })
export class LineageSinkRow {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'lineage_sink_pkey' }) name!: string;
  @Column('timestamptz', { default: () => 'now()' }) since!: Date;
}

@Entity({ schema: 'freshet', name: 'lineage_delivery' })
@Index('lineage_delivery_by_run', ['runId'])
export class LineageDeliveryRow {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'lineage_delivery_pkey' }) sink!: string;
  @PrimaryColumn('uuid', { name: 'run_id', primaryKeyConstraintName: 'lineage_delivery_pkey' }) runId!: string;
  @ManyToOne(() => RunRow, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'run_id', foreignKeyConstraintName: 'lineage_delivery_run_id_fkey' })
  run?: RunRow;
  @Column('timestamptz', { name: 'start_sent_at', nullable: true }) startSentAt!: Date | null;
  @Column('timestamptz', { name: 'end_sent_at', nullable: true }) endSentAt!: Date | null;
  @Column('integer', { default: 0 }) tries!: number;
  @Column('timestamptz', { name: 'next_try_at', default: () => 'now()' }) nextTryAt!: Date;
  @Column('text', { name: 'last_error', nullable: true }) lastError!: string | null;
}

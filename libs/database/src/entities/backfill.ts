import {
  Check,
  Column,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  Unique,
} from 'typeorm';

@Entity({ schema: 'freshet', name: 'backfill' })
@Check('backfill_origin_check', `origin = ANY (ARRAY['manual'::text, 'gap'::text])`)
@Unique('backfill_idempotency_key_key', ['idempotencyKey'])
@Index('backfill_by_dataset', ['dataset', 'requestedAt'])
export class BackfillRow {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'backfill_pkey' }) id!: string;
  @Column('text') dataset!: string;
  @Column('text') origin!: 'manual' | 'gap';
  @Column('timestamptz', { name: 'from_at' }) fromAt!: Date;
  @Column('timestamptz', { name: 'to_at' }) toAt!: Date;
  @Column('text', { array: true }) selected!: readonly string[];
  @Column('text', { name: 'idempotency_key' }) idempotencyKey!: string;
  @Column('timestamptz', { name: 'requested_at', default: () => 'now()' }) requestedAt!: Date;
  @Column('timestamptz', { name: 'cancelled_at', nullable: true }) cancelledAt!: Date | null;
}

@Entity({ schema: 'freshet', name: 'backfill_partition' })
@Check(
  'backfill_partition_state_check',
  `state = ANY (ARRAY['pending'::text, 'leased'::text, 'done'::text, 'skipped'::text, 'failed'::text])`,
)
@Unique('backfill_partition_backfill_id_selected_from_at_key', ['backfillId', 'selected', 'fromAt'])
@Index('backfill_partition_open', ['dataset', 'id'], { where: `state = ANY (ARRAY['pending'::text, 'leased'::text])` })
export class BackfillPartitionRow {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'backfill_partition_pkey',
  })
  id!: string;
  @Column('uuid', { name: 'backfill_id' }) backfillId!: string;
  @ManyToOne(() => BackfillRow, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'backfill_id', foreignKeyConstraintName: 'backfill_partition_backfill_id_fkey' })
  backfill?: BackfillRow;
  @Column('text') dataset!: string;
  @Column('text') selected!: string;
  @Column('timestamptz', { name: 'from_at' }) fromAt!: Date;
  @Column('timestamptz', { name: 'to_at' }) toAt!: Date;
  @Column('text') state!: 'pending' | 'leased' | 'done' | 'skipped' | 'failed';
  @Column('text', { nullable: true }) reason!: string | null;
  @Column('uuid', { name: 'run_id', nullable: true }) runId!: string | null;
  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' }) updatedAt!: Date;
}

@Entity({ schema: 'freshet', name: 'rate_limit' })
export class RateLimitRow {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'rate_limit_pkey' }) key!: string;
  @PrimaryColumn('integer', { name: 'per_seconds', primaryKeyConstraintName: 'rate_limit_pkey' }) perSeconds!: number;
  @Column('timestamptz') tat!: Date;
}

@Entity({ schema: 'freshet', name: 'cool_down' })
export class CoolDownRow {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'cool_down_pkey' }) key!: string;
  @Column('timestamptz') until!: Date;
}

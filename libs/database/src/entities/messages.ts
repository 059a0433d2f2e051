import { Check, Column, Entity, Index, PrimaryColumn, PrimaryGeneratedColumn, Unique } from 'typeorm';

@Entity({ schema: 'freshet', name: 'outbox' })
@Index('outbox_unsent', ['id'], { where: 'sent_at IS NULL' })
export class OutboxRow {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'outbox_pkey',
  })
  id!: string;
  @Column('text') topic!: string;
  @Column('text', { nullable: true }) key!: string | null;
  @Column('jsonb', { default: {} }) headers!: Record<string, string>;
  @Column('bytea') value!: Buffer;
  @Column('timestamptz', { name: 'created_at', default: () => 'now()' }) createdAt!: Date;
  @Column('timestamptz', { name: 'sent_at', nullable: true }) sentAt!: Date | null;
}

@Entity({ schema: 'freshet', name: 'dead_letter' })
@Unique('dead_letter_topic_partition_offset_key', ['topic', 'partition', 'offset'])
export class DeadLetterRow {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'dead_letter_pkey',
  })
  id!: string;
  @Column('text') topic!: string;
  @Column('integer') partition!: number;
  @Column('text') offset!: string;
  @Column('text', { nullable: true }) key!: string | null;
  @Column('jsonb') headers!: Record<string, string>;
  @Column('bytea') value!: Buffer;
  @Column('text') code!: string;
  @Column('text') reason!: string;
  @Column('text') step!: string;
  @Column('uuid', { name: 'run_id', nullable: true }) runId!: string | null;
  @Column('timestamptz', { name: 'received_at', default: () => 'now()' }) receivedAt!: Date;
  @Column('timestamptz', { name: 'replayed_at', nullable: true }) replayedAt!: Date | null;
}

@Entity({ schema: 'freshet', name: 'notification' })
@Check('notification_kind_check', `kind = ANY (ARRAY['failed'::text, 'recovered'::text, 'stale'::text])`)
export class NotificationRow {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'notification_pkey' }) id!: string;
  @Column('text') dataset!: string;
  @Column('text') kind!: 'failed' | 'recovered' | 'stale';
  @Column('uuid', { name: 'run_id', nullable: true }) runId!: string | null;
  @Column('jsonb') event!: unknown;
  @Column('timestamptz', { name: 'created_at', default: () => 'now()' }) createdAt!: Date;
  @Column('timestamptz', { name: 'sent_at', nullable: true }) sentAt!: Date | null;
  @Column('integer', { default: 0 }) tries!: number;
  @Column('timestamptz', { name: 'next_try_at', default: () => 'now()' }) nextTryAt!: Date;
  @Column('text', { name: 'last_error', nullable: true }) lastError!: string | null;
}

@Entity({ schema: 'freshet', name: 'alert_state' })
export class AlertStateRow {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'alert_state_pkey' }) dataset!: string;
  @Column('integer', { name: 'consecutive_failures', default: 0 }) consecutiveFailures!: number;
  @Column('boolean', { default: false }) alerting!: boolean;
  @Column('timestamptz', { name: 'changed_at', default: () => 'now()' }) changedAt!: Date;
}

import type { Quality, RequestReport, SeriesCheckSeverity } from '@freshet/domain';
import { Check, Column, Entity, Index, PrimaryColumn, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { asNumber } from './number';

@Entity({ schema: 'freshet', name: 'series' })
@Unique('series_dataset_name_key', ['dataset', 'name'])
@Index('series_by_respondent', ['respondent', 'kind'])
export class SeriesRow {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'series_pkey',
  })
  id!: string;
  @Column('text') dataset!: string;
  @Column('text') name!: string;
  @Column('text') respondent!: string;
  @Column('boolean') aggregate!: boolean;
  @Column('text') kind!: string;
  @Column('text') unit!: string;
  @Column('jsonb') codes!: Record<string, string | null>;
  @Column('integer', { name: 'resolution_seconds' }) resolutionSeconds!: number;
  @Column('timestamptz', { name: 'first_seen', default: () => 'now()' }) firstSeen!: Date;
  @Column('uuid', { name: 'run_id' }) runId!: string;
}

@Entity({ schema: 'freshet', name: 'merge' })
@Unique('merge_run_id_key', ['runId'])
@Index('merge_by_answer', ['dataset', 'firstAnsweredAt'])
export class MergeRow {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'merge_pkey',
  })
  id!: string;
  @Column('uuid', { name: 'run_id' }) runId!: string;
  @Column('uuid', { name: 'task_id' }) taskId!: string;
  @Column('integer') attempt!: number;
  @Column('text') dataset!: string;
  @Column('text', { name: 'content_version' }) contentVersion!: string;
  @Column('timestamptz', { name: 'window_from' }) windowFrom!: Date;
  @Column('timestamptz', { name: 'window_to' }) windowTo!: Date;
  @Column('text', { array: true }) selected!: readonly string[];
  @Column('jsonb') requests!: readonly RequestReport[];
  @Column('timestamptz', { name: 'first_answered_at' }) firstAnsweredAt!: Date;
  @Column('timestamptz', { name: 'answered_at' }) answeredAt!: Date;
  @Column('timestamptz', { name: 'merged_at', default: () => 'now()' }) mergedAt!: Date;
  @Column('integer') added!: number;
  @Column('integer') changed!: number;
  @Column('integer') unchanged!: number;
  @Column('integer') late!: number;
  @Column('integer') duplicates!: number;
}

/** Partitioned by month, or a hypertable: TypeORM sees the parent only. */
@Entity({ schema: 'freshet', name: 'observation' })
@Check(
  'observation_quality_check',
  `quality = ANY (ARRAY['good'::text, 'estimated'::text, 'missing'::text, 'suspect'::text])`,
)
@Index('observation_missing', ['seriesId', 'startsAt'], { where: 'value IS NULL' })
export class ObservationRow {
  @PrimaryColumn('bigint', { name: 'series_id', primaryKeyConstraintName: 'observation_pkey' }) seriesId!: string;
  @PrimaryColumn('timestamptz', { name: 'starts_at', primaryKeyConstraintName: 'observation_pkey' }) startsAt!: Date;
  @Column('timestamptz', { name: 'ends_at' }) endsAt!: Date;
  /** Exact, as text. */
  @Column('numeric', { nullable: true }) value!: string | null;
  @Column('text') quality!: Quality;
  @Column('timestamptz', { name: 'corrected_starts_at', nullable: true }) correctedStartsAt!: Date | null;
  @Column('timestamptz', { name: 'answered_at' }) answeredAt!: Date;
  @Column('timestamptz', { name: 'first_seen' }) firstSeen!: Date;
  @Column('bigint', { name: 'merge_id' }) mergeId!: string;
  @Column('integer') chunk!: number;
  @Column('integer') row!: number;
  @Column('text') source!: string;
}

@Entity({ schema: 'freshet', name: 'observation_revision' })
@Index('observation_revision_by_time', ['seriesId', 'startsAt', 'seenAt'])
export class ObservationRevisionRow {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'observation_revision_pkey',
  })
  id!: string;
  @Column('bigint', { name: 'series_id' }) seriesId!: string;
  @Column('timestamptz', { name: 'starts_at' }) startsAt!: Date;
  @Column('numeric', { name: 'old_value', nullable: true }) oldValue!: string | null;
  @Column('numeric', { name: 'new_value', nullable: true }) newValue!: string | null;
  @Column('text', { name: 'old_quality' }) oldQuality!: Quality;
  @Column('text', { name: 'old_source' }) oldSource!: string;
  @Column('bigint', { name: 'old_merge_id' }) oldMergeId!: string;
  @Column('integer', { name: 'old_chunk' }) oldChunk!: number;
  @Column('integer', { name: 'old_row' }) oldRow!: number;
  @Column('bigint', { name: 'merge_id' }) mergeId!: string;
  @Column('uuid', { name: 'run_id' }) runId!: string;
  @Column('timestamptz', { name: 'seen_at' }) seenAt!: Date;
  @Column('boolean') late!: boolean;
  @Column('integer', { name: 'late_chunk', nullable: true }) lateChunk!: number | null;
  @Column('integer', { name: 'late_row', nullable: true }) lateRow!: number | null;
  @Column('text', { name: 'late_source', nullable: true }) lateSource!: string | null;
}

@Entity({ schema: 'freshet', name: 'check_result' })
@Check('check_result_severity_check', `severity = ANY (ARRAY['note'::text, 'suspect'::text, 'hold'::text])`)
@Index('check_result_by_dataset', ['dataset', 'id'])
@Index('check_result_by_run', ['runId'])
export class CheckResultRow {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'check_result_pkey',
  })
  id!: string;
  @Column('uuid', { name: 'run_id', nullable: true }) runId!: string | null;
  @Column('text') dataset!: string;
  @Column('text') name!: string;
  @Column('text') kind!: string;
  @Column('text') severity!: SeriesCheckSeverity;
  @Column('timestamptz', { name: 'window_from' }) windowFrom!: Date;
  @Column('timestamptz', { name: 'window_to' }) windowTo!: Date;
  @Column('bigint', { transformer: asNumber }) evaluated!: number;
  @Column('bigint', { transformer: asNumber }) failed!: number;
  @Column('jsonb', { default: [] }) examples!: unknown;
  @Column('timestamptz', { name: 'checked_at', default: () => 'now()' }) checkedAt!: Date;
}

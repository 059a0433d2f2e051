import { Column, Entity, PrimaryColumn } from 'typeorm';
import { asNumber } from './number';

@Entity({ schema: 'freshet', name: 'leader' })
export class LeaderRow {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'leader_pkey' }) role!: string;
  @Column('uuid') owner!: string;
  @Column('bigint', { transformer: asNumber }) epoch!: number;
  @Column('timestamptz', { name: 'expires_at' }) expiresAt!: Date;
  @Column('integer', { name: 'backend_pid' }) backendPid!: number;
  @Column('timestamptz', { name: 'backend_start' }) backendStart!: Date;
}

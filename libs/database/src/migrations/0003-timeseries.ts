import type { MigrationInterface, QueryRunner } from 'typeorm';
import { timeseries } from './0003-timeseries.sql';

export class Timeseries1764000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(timeseries);
  }

  async down(): Promise<void> {
    throw new Error('observations are not dropped by going back: restore a backup instead');
  }
}

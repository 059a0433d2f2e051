import type { MigrationInterface, QueryRunner } from 'typeorm';
import { lateRows } from './0002-late-rows.sql';

export class LateRows1763600000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(lateRows);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION freshet.late_rows CASCADE');
  }
}

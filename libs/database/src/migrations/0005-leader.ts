import type { MigrationInterface, QueryRunner } from 'typeorm';
import { leader } from './0005-leader.sql';

export class Leader1764000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(leader);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE freshet.leader');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';
import { foundation } from './0001-foundation.sql';

export class Foundation1763600000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(foundation);
  }

  async down(): Promise<void> {
    throw new Error('the first schema is not taken back: drop the database instead');
  }
}

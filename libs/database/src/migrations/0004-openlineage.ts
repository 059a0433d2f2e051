import type { MigrationInterface, QueryRunner } from 'typeorm';
import { openLineage } from './0004-openlineage.sql';

export class OpenLineage1764000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(openLineage);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE freshet.lineage_delivery, freshet.lineage_sink');
  }
}

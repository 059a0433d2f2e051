import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { Inject, Injectable } from '@nestjs/common';
import { CATALOG, type Catalog } from '@freshet/catalog';
import type { DoctorCheckView, DoctorView } from '@freshet/contracts';
import { currentLeader, type Database } from '@freshet/database';
import { MESSAGING, type Messaging } from '@freshet/messaging';
import { Engine } from '../engine/engine';
import type { CoordinatorSettings } from '../settings';
import { DATABASE, SETTINGS } from '../tokens';
import { keyChecks, limitChecks, storageCheck } from './doctor-publishers';

/** Looks at everything the coordinator depends on, and says what to do about what is wrong. Shows no secret. */
@Injectable()
export class Doctor {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(MESSAGING) private readonly messaging: Messaging,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(SETTINGS) private readonly settings: CoordinatorSettings,
    @Inject(Engine) private readonly engine: Engine,
  ) {}

  async examine(): Promise<DoctorView> {
    const checks = [
      this.configuration(),
      this.datasets(),
      await this.checkDatabase(),
      await this.outbox(),
      this.broker(),
      await this.leader(),
      this.credentials(),
      ...keyChecks(this.catalog.all(), this.settings),
      ...(await attemptAll('rate limits', () => limitChecks(this.database, this.catalog.all()))),
      ...(await attemptAll('time series', async () => [await storageCheck(this.database, this.catalog.all())])),
      await this.exportRoot(),
    ];
    return { checks: checks.filter((check) => check !== null) };
  }

  private configuration(): DoctorCheckView {
    const { standalone, leaseMs, schedule } = this.settings;
    return {
      name: 'configuration',
      ok: true,
      detail: `${standalone ? 'standalone' : 'services'}; leases of ${leaseMs / 1000} s; schedules ${schedule ? 'run here' : 'run elsewhere (CronJobs)'}`,
    };
  }

  private datasets(): DoctorCheckView {
    const all = this.catalog.all();
    const pickles = all.flatMap((definition) => definition.exports).length;
    return {
      name: 'datasets',
      ok: all.length > 0,
      detail: all.length > 0 ? `${all.length} definitions, ${pickles} exports` : 'no dataset is defined',
      nextStep: all.length > 0 ? undefined : 'Check FRESHET_DATASETS_DIR.',
    };
  }

  private async checkDatabase(): Promise<DoctorCheckView> {
    return attempt('database', 'Check FRESHET_DATABASE_URL, and that PostgreSQL is running.', async () => {
      const startedAt = performance.now();
      const [row] = await this.database.query<{ version: string; migrations: number }>(
        `SELECT current_setting('server_version') AS version, (SELECT count(*) FROM freshet.migration) AS migrations`,
      );
      return `PostgreSQL ${row?.version ?? ''}, ${row?.migrations ?? 0} migration(s), answered in ${Math.round(performance.now() - startedAt)} ms`;
    });
  }

  private async outbox(): Promise<DoctorCheckView> {
    const check = await attempt('outbox', 'Check the database.', async () => {
      const [row] = await this.database.query<{ waiting: number; seconds: number }>(
        `SELECT count(*) AS waiting, coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8 AS seconds FROM freshet.outbox WHERE sent_at IS NULL`,
      );
      if (row && row.seconds > 60)
        throw new Error(`${row.waiting} messages wait to be sent, the oldest for ${Math.round(row.seconds)} s`);
      return `${row?.waiting ?? 0} messages wait to be sent`;
    });
    return check.ok ? check : { ...check, nextStep: 'Check that the broker answers and that one coordinator leads.' };
  }

  private broker(): DoctorCheckView {
    const health = this.messaging.health();
    return {
      name: 'messaging',
      ok: health.ready,
      detail: health.detail,
      nextStep: health.ready ? undefined : 'Check FRESHET_KAFKA_BROKERS, and that the broker is running.',
    };
  }

  private async leader(): Promise<DoctorCheckView> {
    if (this.engine.isLeader) return { name: 'leader', ok: true, detail: 'this coordinator leads' };
    return attempt('leader', 'If it stays so, look at the logs of all coordinators.', async () => {
      if (!(await currentLeader(this.database))) throw new Error('no coordinator leads at this moment');
      return 'another coordinator leads';
    });
  }

  private credentials(): DoctorCheckView {
    const { tokens, workerTokens, standalone, grpc } = this.settings;
    const operators = tokens.filter((token) => token.role === 'operator').length;
    const open = tokens.length === 0;
    const ok = (!open || standalone) && (grpc === null || workerTokens.length > 0 || standalone);
    const detail = open
      ? 'no API token: open to this machine only'
      : `${tokens.length} API token(s), ${operators} of them operator`;
    return {
      name: 'credentials',
      ok,
      detail: `${detail}; worker token ${workerTokens.length === 0 ? 'not set' : 'set'}`,
      nextStep: ok ? undefined : 'Set FRESHET_API_TOKENS and FRESHET_WORKER_TOKEN.',
    };
  }

  private async exportRoot(): Promise<DoctorCheckView | null> {
    const { exportRoot } = this.settings;
    if (exportRoot === null) return null;
    return attempt(
      'export folder',
      'Make the folder, or correct FRESHET_EXPORT_ROOT and the rights on it.',
      async () => {
        const found = await stat(exportRoot).catch(() => null);
        if (!found) return `${exportRoot} (made with the first export)`;
        if (!found.isDirectory()) throw new Error(`${exportRoot} is not a folder`);
        await access(exportRoot, constants.W_OK);
        return `${exportRoot} can be written`;
      },
    );
  }
}

async function attemptAll(
  name: string,
  look: () => Promise<ReadonlyArray<DoctorCheckView | null>>,
): Promise<ReadonlyArray<DoctorCheckView | null>> {
  try {
    return await look();
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return [{ name, ok: false, detail, nextStep: 'Check the database.' }];
  }
}

async function attempt(name: string, nextStep: string, look: () => Promise<string>): Promise<DoctorCheckView> {
  try {
    return { name, ok: true, detail: await look() };
  } catch (error) {
    return { name, ok: false, detail: error instanceof Error ? error.message : String(error), nextStep };
  }
}

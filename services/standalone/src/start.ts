import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { loadCatalog } from '@freshet/catalog';
import { DEFAULT_SETTINGS, parseApiTokens, setupOpenApi } from '@freshet/coordinator-service';
import { openDatabase } from '@freshet/database';
import { credentialVariables, FetchJobs, JobsListener } from '@freshet/fetcher-service';
import { MESSAGING, MessagingServer } from '@freshet/messaging';
import { lineageSinksFrom, notifierFrom, settingsFrom } from '@freshet/reporter-service';
import { secretsFrom, startService, type RunningService } from '@freshet/runtime';
import { startPostgres, type RunningPostgres } from '@freshet/testing/postgres';
import { AppModule } from './app.module';
import type { StandaloneConfig } from './config';
import { DatabaseKeeper, type DatabaseLostError } from './database-keeper';
import { Home } from './home';

export interface Standalone {
  readonly url: string;
  /** Of an operator. */
  readonly token: string;
  readonly databaseUrl: string;
  readonly exportRoot: string;
  readonly home: Home;
  stop(): Promise<void>;
}

const DEFAULT_PORT = 8080;

/** The port that was asked for cannot be had. */
export class PortError extends Error {}

/**
 * Starts everything in this process: PostgreSQL (unless one is named), then all services, then `standalone.json` for the
 * command. Runs that a former process left behind are continued.
 *
 * @throws HomeError when the folder cannot be worked in, or another standalone does.
 * @throws PortError when the port that was asked for cannot be had.
 */
export async function startStandalone(
  config: StandaloneConfig,
  /** Told when the PostgreSQL that comes along cannot be kept running; there is nothing left to do but to end. */
  onDatabaseLost: (error: DatabaseLostError) => void,
): Promise<Standalone> {
  const home = new Home(config.FRESHET_HOME);
  const { token } = home.open();
  const exportRoot = resolve(config.FRESHET_EXPORT_ROOT ?? home.files);
  const datasetsDir = config.FRESHET_DATASETS_DIR && resolve(config.FRESHET_DATASETS_DIR);
  let postgres: RunningPostgres | undefined;
  let keeper: DatabaseKeeper | undefined;
  let service: RunningService | undefined;
  try {
    await checkPort(config.FRESHET_HTTP_PORT);
    const catalog = loadCatalog({ extraFolder: datasetsDir });
    const secrets = secretsFrom(credentialVariables(catalog.all()));
    postgres = config.FRESHET_DATABASE_URL ? undefined : await startPostgres({ dataDir: home.postgres });
    keeper = postgres && new DatabaseKeeper(postgres, { folder: home.postgres, onLost: onDatabaseLost });
    const databaseUrl = config.FRESHET_DATABASE_URL ?? (postgres as RunningPostgres).url;
    const module = AppModule.forProcess({
      catalog,
      database: await openDatabase(databaseUrl, { applicationName: 'freshet-standalone', poolSize: 12, waitMs: 0 }),
      exportRoot,
      chunkBytes: config.FRESHET_CHUNK_BYTES,
      secrets,
      reporter: settingsFrom(config),
      notifier: notifierFrom(config),
      lineage: lineageSinksFrom(config),
      coordinator: {
        ...DEFAULT_SETTINGS,
        standalone: true,
        tokens: [...parseApiTokens(`standalone:operator:${token}`), ...(config.FRESHET_API_TOKENS ?? [])],
        grpc: config.FRESHET_GRPC_PORT === undefined ? null : { host: '127.0.0.1', port: config.FRESHET_GRPC_PORT },
        schedule: config.FRESHET_SCHEDULES,
        expireLeasesAtStart: true,
        exportRoot,
        credentials: new Set(secrets.keys()),
        gapsEveryMs: config.FRESHET_GAPS_SECONDS * 1000,
        keepRunsDays: config.FRESHET_KEEP_RUNS_DAYS,
      },
    });
    service = await listen(module, config);
    keeper?.start(service.logger);
    const url = `http://127.0.0.1:${service.port}`;
    home.writeConnection({ url, token, exportRoot, datasetsDir, databaseUrl, pid: process.pid });
    return { url, token, databaseUrl, exportRoot, home, stop: () => stop({ home, service, keeper, postgres }) };
  } catch (error) {
    await stop({ home, service, keeper, postgres });
    throw error;
  }
}

/** The port that was asked for, or 8080, or a free one where 8080 is taken and nobody asked for it. */
async function listen(
  module: ReturnType<typeof AppModule.forProcess>,
  config: StandaloneConfig,
): Promise<RunningService> {
  const start = (port: number): Promise<RunningService> =>
    startService({
      name: 'standalone',
      module,
      config: { ...config, FRESHET_HTTP_PORT: port },
      host: '127.0.0.1',
      prepare: setupOpenApi,
      // Leases are handed back before intake stops.
      microservices: (app) => [
        { strategy: new JobsListener(app.get(FetchJobs)) },
        { strategy: new MessagingServer(app.get(MESSAGING), { maxInFlight: { parser: 2, validator: 2, loader: 3 } }) },
      ],
    });
  if (config.FRESHET_HTTP_PORT !== undefined) return start(config.FRESHET_HTTP_PORT);
  return start((await obstacle(DEFAULT_PORT)) === null ? DEFAULT_PORT : 0);
}

/** Before the slow part of the start. */
async function checkPort(asked: number | undefined): Promise<void> {
  const code = asked === undefined ? null : await obstacle(asked);
  if (code === null) return;
  const why = code === 'EADDRINUSE' ? 'is taken' : `cannot be opened (${code})`;
  throw new PortError(
    `port ${asked} (FRESHET_HTTP_PORT) ${why}. Name another one, or none: then a free one is taken where 8080 is not.`,
  );
}

/** Why nobody can listen there; null when somebody can. */
function obstacle(port: number): Promise<string | null> {
  return new Promise((settle) => {
    const probe = createServer()
      .once('error', ({ code }: NodeJS.ErrnoException) => settle(code ?? 'unknown error'))
      .listen(port, '127.0.0.1', () => probe.close(() => settle(null)));
  });
}

interface Started {
  readonly home: Home;
  readonly service: RunningService | undefined;
  readonly keeper: DatabaseKeeper | undefined;
  readonly postgres: RunningPostgres | undefined;
}

async function stop({ home, service, keeper, postgres }: Started): Promise<void> {
  await service?.stop();
  await keeper?.stop();
  await postgres?.stop();
  home.close();
}

export const demoHome = (home: string): string => join(home, 'demo');

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { FreshetClient } from '@freshet/client';
import { writeSimulatedDefinitions, type DefinitionChanges, type SimulatedSite } from './definitions';
import { freePorts } from './free-port';
import { ProcessSupervisor } from './supervisor';

export const CLUSTER_SERVICES = ['coordinator', 'fetcher', 'parser', 'validator', 'loader', 'reporter'] as const;
export type ClusterService = (typeof CLUSTER_SERVICES)[number];

export interface DeploymentOptions {
  readonly postgres: { readonly url: string };
  /** Where datasets come from; definitions of other sources stay as they are. */
  readonly publisher: SimulatedSite | readonly SimulatedSite[];
  /** Logs, definitions and exports go here; the caller removes it. */
  readonly folder: string;
  readonly definitions?: DefinitionChanges;
  /** For every process, over what is set here. */
  readonly env?: Readonly<Record<string, string>>;
  /** Options of node itself, for example `--max-old-space-size=128`. */
  readonly nodeArgs?: readonly string[];
}

export interface ClusterOptions extends DeploymentOptions {
  readonly kafka: { readonly brokers: readonly string[] };
  /** How many of each run; one unless told otherwise. */
  readonly replicas?: Partial<Record<ClusterService, number>>;
}

/** Freshet at work, in one process or in several; every process is started again when it ends. */
export interface RunningDeployment {
  readonly supervisor: ProcessSupervisor;
  /** Of the control API, without a slash at the end. */
  readonly baseUrl: string;
  /** Of an operator. */
  readonly token: string;
  readonly client: FreshetClient;
  readonly exportRoot: string;
  /** Names of the processes that did not stop in order. */
  stop(): Promise<string[]>;
}

interface Planned {
  readonly service: string;
  readonly name: string;
}

/** The six services as processes of their own over a real broker and a real database. */
export function startCluster(options: ClusterOptions): Promise<RunningDeployment> {
  const planned = CLUSTER_SERVICES.flatMap((service) =>
    Array.from({ length: options.replicas?.[service] ?? 1 }, (_, i) => ({
      service,
      name: i === 0 ? service : `${service}-${i + 1}`,
    })),
  );
  return deploy(options, planned, { FRESHET_KAFKA_BROKERS: options.kafka.brokers.join(',') });
}

/** Everything in one process over a real database. */
export const startStandaloneProcess = (options: DeploymentOptions): Promise<RunningDeployment> =>
  deploy(options, [{ service: 'standalone', name: 'standalone' }], {});

/** The first process planned serves the control API. */
async function deploy(
  options: DeploymentOptions,
  planned: readonly Planned[],
  transport: Readonly<Record<string, string>>,
): Promise<RunningDeployment> {
  const definitions = join(options.folder, 'datasets');
  const exportRoot = join(options.folder, 'exports');
  for (const site of [options.publisher].flat()) writeSimulatedDefinitions(definitions, site, options.definitions);
  const [grpcPort, ...httpPorts] = await freePorts(planned.length + 1);
  const token = randomBytes(16).toString('hex');
  const env = {
    ...transport,
    FRESHET_DATABASE_URL: options.postgres.url,
    FRESHET_COORDINATOR_GRPC: `127.0.0.1:${grpcPort}`,
    FRESHET_GRPC_PORT: String(grpcPort),
    FRESHET_WORKER_TOKEN: randomBytes(16).toString('hex'),
    FRESHET_API_TOKENS: `test:operator:${token}`,
    FRESHET_DATASETS_DIR: definitions,
    FRESHET_EXPORT_ROOT: exportRoot,
    FRESHET_HOME: join(options.folder, 'home'),
    FRESHET_SCHEDULES: 'false',
    ...options.env,
  };
  const supervisor = new ProcessSupervisor(join(options.folder, 'logs'));
  planned.forEach(({ service, name }, i) =>
    supervisor.start({
      service,
      name,
      httpPort: httpPorts[i] as number,
      env: { ...env, FRESHET_INSTANCE: name },
      nodeArgs: options.nodeArgs,
    }),
  );
  try {
    await supervisor.ready();
  } catch (error) {
    await supervisor.stop(1_000);
    throw error;
  }
  const baseUrl = `http://127.0.0.1:${httpPorts[0] as number}`;
  return {
    supervisor,
    baseUrl,
    token,
    client: new FreshetClient({ baseUrl, token }),
    exportRoot,
    stop: () => supervisor.stop(),
  };
}

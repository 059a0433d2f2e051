import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { FreshetClient } from '@freshet/client';
import { FreshetClient as Client } from '@freshet/client';
import type { DefinitionChanges, SimulatedSite } from './definitions';
import { writeSimulatedDefinitions } from './definitions';
import { freePorts } from './free-port';
import { ProcessSupervisor } from './supervisor';

export const CLUSTER_SERVICES = ['coordinator', 'fetcher', 'parser', 'validator', 'loader', 'reporter'] as const;
export type ClusterService = (typeof CLUSTER_SERVICES)[number];

export interface ClusterOptions {
  readonly kafka: { readonly brokers: readonly string[] };
  readonly postgres: { readonly url: string };
  readonly publisher: SimulatedSite;
  /** Logs, definitions and exports go here; the caller removes it. */
  readonly folder: string;
  readonly definitions?: DefinitionChanges;
  /** How many of each run; one unless told otherwise. */
  readonly replicas?: Partial<Record<ClusterService, number>>;
  /** For every process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeArgs?: readonly string[];
}

export interface RunningCluster {
  readonly supervisor: ProcessSupervisor;
  /** Of the control API, without a slash at the end. */
  readonly baseUrl: string;
  readonly token: string;
  readonly client: FreshetClient;
  readonly exportRoot: string;
  stop(): Promise<void>;
}

/** The six services as processes of their own over a real broker and a real database. */
export async function startCluster(options: ClusterOptions): Promise<RunningCluster> {
  const definitions = join(options.folder, 'datasets');
  const exportRoot = join(options.folder, 'exports');
  writeSimulatedDefinitions(definitions, options.publisher, options.definitions);
  const instances = CLUSTER_SERVICES.flatMap((service) =>
    Array.from({ length: options.replicas?.[service] ?? 1 }, (_, i) => ({
      service,
      name: i === 0 ? service : `${service}-${i + 1}`,
    })),
  );
  const [grpcPort, ...httpPorts] = await freePorts(instances.length + 1);
  const token = randomBytes(16).toString('hex');
  const env = {
    FRESHET_KAFKA_BROKERS: options.kafka.brokers.join(','),
    FRESHET_DATABASE_URL: options.postgres.url,
    FRESHET_COORDINATOR_GRPC: `127.0.0.1:${grpcPort}`,
    FRESHET_GRPC_PORT: String(grpcPort),
    FRESHET_WORKER_TOKEN: randomBytes(16).toString('hex'),
    FRESHET_API_TOKENS: `test:operator:${token}`,
    FRESHET_DATASETS_DIR: definitions,
    FRESHET_EXPORT_ROOT: exportRoot,
    FRESHET_LOG_LEVEL: 'info',
    ...options.env,
  };
  const supervisor = new ProcessSupervisor(join(options.folder, 'logs'));
  instances.forEach(({ service, name }, i) =>
    supervisor.start({
      service,
      name,
      httpPort: httpPorts[i] as number,
      env: { ...env, FRESHET_INSTANCE: name },
      nodeArgs: options.nodeArgs,
    }),
  );
  const baseUrl = `http://127.0.0.1:${httpPorts[0] as number}`;
  try {
    await supervisor.ready();
  } catch (error) {
    await supervisor.stop(1_000);
    throw error;
  }
  return {
    supervisor,
    baseUrl,
    token,
    client: new Client({ baseUrl, token }),
    exportRoot,
    stop: async () => void (await supervisor.stop()),
  };
}

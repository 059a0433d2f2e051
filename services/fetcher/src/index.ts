export { CONNECTORS } from './connectors/registry';
export type { Connector, ConnectorTask } from './connectors/connector';
export { credentialVariables } from './credentials';
export { FetcherModule, type FetcherModuleOptions } from './fetcher.module';
export { FetchJobs } from './jobs/fetch-jobs';
export { JobsListener } from './jobs/jobs-listener';
export { DEFAULT_OPTIONS, type FetcherOptions } from './options';
export { FETCHER_OPTIONS, WORKER_PORT } from './tokens';
export { GrpcWorkerPort, type GrpcWorkerPortOptions } from './worker/grpc-worker-port';

/** Injection token of the coordinator as a fetcher sees it (`WorkerPort`): gRPC in the cluster, a direct call in standalone. */
export const WORKER_PORT = Symbol('freshet.fetcher.worker-port');
/** Injection token of `FetcherOptions`. */
export const FETCHER_OPTIONS = Symbol('freshet.fetcher.options');

import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Server, ServerCredentials, loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { CONTROL_PROTO, WORKER_PROTO } from '@freshet/contracts';
import type { Logger } from '@freshet/domain';
import { LOGGER } from '@freshet/runtime';
import { HealthImplementation } from 'grpc-health-check';
import type { CoordinatorSettings } from '../settings';
import { SETTINGS } from '../tokens';
import { ControlService } from './control-service';
import { WorkerService } from './worker-service';

/** Manifests are the largest messages: one of fourteen resources has a few kilobytes, each request to an API adds up to one or two. */
const MAX_MESSAGE_BYTES = 2 * 1024 * 1024;
const DRAIN_MS = 5_000;
export const LOADER_OPTIONS = { longs: Number, defaults: true, oneofs: true, enums: String } as const;

/** Control and worker API in one gRPC server, with reflection and `grpc.health.v1`. */
@Injectable()
export class GrpcServer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private server: Server | undefined;
  private health: HealthImplementation | undefined;
  /** The port that is listened to; 0 while there is no server. */
  port = 0;

  constructor(
    @Inject(SETTINGS) private readonly settings: CoordinatorSettings,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(ControlService) private readonly control: ControlService,
    @Inject(WorkerService) private readonly worker: WorkerService,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { grpc } = this.settings;
    if (!grpc) return;
    const definition = loadSync([CONTROL_PROTO.path, WORKER_PROTO.path], LOADER_OPTIONS);
    const server = new Server({
      'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
      'grpc.max_send_message_length': 2 * MAX_MESSAGE_BYTES,
      // A worker that vanished is noticed, and its connection given back.
      'grpc.keepalive_time_ms': 30_000,
      'grpc.keepalive_timeout_ms': 10_000,
    });
    server.addService(serviceOf(definition, `${CONTROL_PROTO.package}.Control`), this.control.methods());
    server.addService(serviceOf(definition, `${WORKER_PROTO.package}.Worker`), this.worker.methods());
    new ReflectionService(definition).addToServer(server);
    this.health = new HealthImplementation({
      '': 'SERVING',
      [`${CONTROL_PROTO.package}.Control`]: 'SERVING',
      [`${WORKER_PROTO.package}.Worker`]: 'SERVING',
    });
    this.health.addToServer(server);
    this.port = await listen(server, `${grpc.host}:${grpc.port}`);
    this.server = server;
    this.logger.info({ port: this.port }, 'gRPC is served');
  }

  /** Says that it goes, lets calls in progress end, then hangs up on those who watch. */
  async beforeApplicationShutdown(): Promise<void> {
    const { server } = this;
    if (!server) return;
    this.health?.setStatus('', 'NOT_SERVING');
    await new Promise<void>((resolve) => {
      const patience = setTimeout(() => (server.forceShutdown(), resolve()), DRAIN_MS);
      server.tryShutdown(() => (clearTimeout(patience), resolve()));
    });
    this.server = undefined;
  }
}

export function serviceOf(definition: PackageDefinition, name: string): ServiceClientConstructor['service'] {
  const found = name
    .split('.')
    .reduce<unknown>(
      (tree, part) => (tree as Record<string, unknown> | undefined)?.[part],
      loadPackageDefinition(definition),
    );
  return (found as ServiceClientConstructor).service;
}

const listen = (server: Server, address: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });

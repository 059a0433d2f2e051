import { hostname } from 'node:os';
import { Module, type DynamicModule, type INestApplication, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import type { Logger } from '@freshet/domain';
import { ConfigError, type CommonConfig } from './config';
import { createLogger } from './logger';
import { peakRssBytes } from './memory';
import { nestLogger } from './nest-logger';
import { RuntimeModule } from './runtime.module';
import { startTelemetry } from './telemetry';

export interface ServiceOptions {
  readonly name: string;
  readonly module: Type | DynamicModule;
  readonly config: CommonConfig;
  /** What the service listens to besides HTTP, in the order it starts; stopped in the same order, before anything disconnects. */
  readonly microservices?: (app: INestApplication) => readonly MicroserviceOptions[];
  /** After everything was created and before anything listens: OpenAPI, body limits. */
  readonly prepare?: (app: INestApplication) => void | Promise<void>;
  readonly logger?: Logger;
  /** Address to listen on; every one of the machine's unless told otherwise. */
  readonly host?: string;
}

export interface RunningService {
  readonly app: INestApplication;
  readonly logger: Logger;
  /** Port the HTTP server got (useful with port 0). */
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Starts one process: telemetry, Nest, listeners, health. Stops in Nest's order: what works on its own ends (`onModuleDestroy`,
 * `beforeApplicationShutdown`), then HTTP and the microservices close (intake stops, handlers drain), then the adapters
 * disconnect (`onApplicationShutdown`). Each hook runs once.
 */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const instance = {
    service: options.name,
    instance: options.config.FRESHET_INSTANCE ?? `${hostname()}-${process.pid}`,
  };
  const logger =
    options.logger ??
    createLogger({
      ...instance,
      level: options.config.FRESHET_LOG_LEVEL,
      format: options.config.FRESHET_LOG_FORMAT,
      file: options.config.FRESHET_LOG_FILE,
    });
  const telemetry = await startTelemetry({
    ...instance,
    otlpEndpoint: options.config.OTEL_EXPORTER_OTLP_ENDPOINT,
    metricIntervalMs: options.config.OTEL_METRIC_EXPORT_INTERVAL,
    logger,
  });
  const root = class Root {};
  Module({ imports: [RuntimeModule.forProcess({ logger, instance, telemetry }), options.module] })(root);

  const app = await NestFactory.create(root, {
    logger: nestLogger(logger),
    abortOnError: false,
    forceCloseConnections: true,
  });
  try {
    await options.prepare?.(app);
    for (const microservice of options.microservices?.(app) ?? []) app.connectMicroservice(microservice);
    await app.startAllMicroservices();
    await app.listen(options.config.FRESHET_HTTP_PORT, options.host ?? '0.0.0.0');
  } catch (error) {
    // What runs already would go on without the rest, and complain about it.
    await app.close().catch(() => undefined);
    await telemetry.stop();
    throw error;
  }
  const address: unknown = app.getHttpServer().address();
  const port = typeof address === 'object' && address !== null && 'port' in address ? Number(address.port) : 0;
  logger.info({ port }, `${options.name} is up`);

  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> =>
    (stopping ??= (async () => {
      await app.close();
      await telemetry.stop();
      logger.info({ peakRssBytes: peakRssBytes() }, `${options.name} stopped`);
    })());
  return { app, logger, port, stop };
}

/**
 * `main.ts` of every service: start, stop on SIGTERM or SIGINT, exit codes. A configuration that cannot be read exits with 2,
 * a failed start with 1; the orchestrator starts the process again. A signal during the start ends it at once: nothing was taken
 * on yet, and as process 1 of a container it would otherwise be ignored until the process is killed.
 */
export async function runService(read: () => ServiceOptions): Promise<void> {
  let running: RunningService | undefined;
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => (running ? stopInOrder(running, signal) : process.exit(0)));
  try {
    running = await startService(read());
  } catch (error) {
    process.stderr.write(
      `${error instanceof ConfigError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exit(error instanceof ConfigError ? 2 : 1);
  }
}

function stopInOrder(running: RunningService, signal: string): void {
  running.logger.info({ signal }, 'stopping');
  running.stop().then(
    () => process.exit(0),
    (error: unknown) => {
      running.logger.error({ error: String(error) }, 'could not stop in order');
      process.exit(1);
    },
  );
}

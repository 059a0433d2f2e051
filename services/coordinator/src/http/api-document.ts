import { Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CATALOG } from '@freshet/catalog';
import { MESSAGING } from '@freshet/messaging';
import { CLOCK, INSTANCE, LOGGER } from '@freshet/runtime';
import { CoordinatorModule } from '../coordinator.module';
import { DEFAULT_SETTINGS } from '../settings';
import { DATABASE } from '../tokens';
import { openApiDocument } from './openapi';

const ports = [DATABASE, MESSAGING, CATALOG, CLOCK, LOGGER, INSTANCE];

/** Stands in for the ports: in preview nothing of them is used. */
@Global()
@Module({ providers: ports.map((provide) => ({ provide, useValue: {} })), exports: ports })
class NoPorts {}

/** The OpenAPI document as text, made from the controllers alone: nothing is connected or started. */
export async function apiDocumentText(): Promise<string> {
  const coordinator = CoordinatorModule.register({
    settings: { ...DEFAULT_SETTINGS, standalone: true },
    imports: [NoPorts],
  });
  const app = await NestFactory.create(coordinator, { preview: true, logger: false, abortOnError: false });
  return `${JSON.stringify(openApiDocument(app), null, 2)}\n`;
}

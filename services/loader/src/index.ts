export { LoaderModule } from './loader.module';
export { loaderChecks } from './health/checks';
export { DATABASE, LOADER_SETTINGS, type LoaderSettings } from './tokens';
export type { ExportRequest, ExportWriter, ExportedFile, PublishedResource } from './writers/writer';

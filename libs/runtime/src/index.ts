export * from './config';
export * from './health';
export * from './logger';
export * from './memory';
export * from './run-service';
export * from './runtime.module';
export { failSpan, inRun, inSpan, recordRequest, recordRun, type SpanName, type WorkOrigin } from './spans';
export * from './telemetry';
export * from './tokens';

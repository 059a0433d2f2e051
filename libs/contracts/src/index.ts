export * from './api';
export * from './batch/canonical';
export * from './batch/copy-text';
export * from './messages/frame';
export * from './messages/schemas';
export * from './proto';
export * from './proto/worker';
export * from './topics';

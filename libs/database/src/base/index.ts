export * from './database';
export * from './data-source';
export * from './errors';
export * from './migrate';
export * from './open';
export * from './quote';

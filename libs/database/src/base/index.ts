export * from './database';
export * from './data-source';
export { destroy } from './dedicated';
export * from './errors';
export * from './migrate';
export { migrations } from '../migrations';
export * from './open';
export * from './quote';

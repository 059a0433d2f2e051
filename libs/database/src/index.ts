export * from './base';
export * from './entities';
export * from './coordination';
export * from './loading';
export * from './reporting';

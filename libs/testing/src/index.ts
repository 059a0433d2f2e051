export * from './postgres';
export * from './publishers';

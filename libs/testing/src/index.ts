export * from './kafka';
export * from './postgres';
export * from './publishers';
export * from './processes';
export * from './network';

export * from './alert-history';
export * from './change-log';
export * from './lineage-delivery';
export * from './notifications';

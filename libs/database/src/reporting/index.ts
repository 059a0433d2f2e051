export * from './alert-history';
export * from './change-log';
export * from './notifications';

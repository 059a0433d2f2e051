export * from './base';
export * from './entities';
export * from './coordination';
export * from './loading';
export * from './reporting';
export * from './nest/database-closer';
export * from './timeseries';

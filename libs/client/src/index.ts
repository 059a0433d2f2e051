export * from './client';
export * from './errors';
export * from './timeseries';
export { sleep, type Sleep, type TransportOptions } from './transport';
export type { WaitOptions } from './wait';

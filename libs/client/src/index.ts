export * from './client';
export * from './errors';
export type { Sleep, TransportOptions } from './transport';
export type { WaitOptions } from './wait';

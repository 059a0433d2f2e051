export { seriesExtents } from './extent';
export * from './lineage';
export { observations, type ObservationKey, type ObservationsQuery } from './observations';
export * from './series';

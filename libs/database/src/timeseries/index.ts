export * from './checks';
export * from './gaps';
export * from './queries';
export * from './merge';
export { ensureMonths, ensureMonthsAhead, monthsBetween } from './months';

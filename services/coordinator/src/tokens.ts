/** Ports of the coordinator, bound by `AppModule` in the cluster and by standalone in one process. `MESSAGING`, `CATALOG`, `CLOCK`, `LOGGER` and `INSTANCE` come from their libraries. */

export { DATABASE } from '@freshet/database';
/** `CoordinatorSettings`. */
export const SETTINGS = Symbol.for('freshet.coordinator.settings');
/** `GenerationsPort`. */
export const GENERATIONS = Symbol.for('freshet.coordinator.generations');
/** `Calendars`: what the cron expressions of a definition mean. */
export const CALENDARS = Symbol.for('freshet.coordinator.calendars');

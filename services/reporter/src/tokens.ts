/** Ports of the reporter, bound by `AppModule` in the cluster and by standalone in one process. */

export { DATABASE } from '@freshet/database';
/** `ReporterSettings`. */
export const SETTINGS = Symbol.for('freshet.reporter.settings');
/** `Notifier`: where notifications go. */
export const NOTIFIER = Symbol.for('freshet.reporter.notifier');

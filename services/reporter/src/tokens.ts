/** Ports of the reporter, bound by `AppModule` in the cluster and by standalone in one process. */

/** A `Database` of `@freshet/database`, migrated. The same token as in the other services. */
export const DATABASE = Symbol.for('freshet.database');
/** `ReporterSettings`. */
export const SETTINGS = Symbol.for('freshet.reporter.settings');
/** `Notifier`: where notifications go. */
export const NOTIFIER = Symbol.for('freshet.reporter.notifier');

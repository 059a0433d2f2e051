/** Ports of the reporter, bound by `AppModule` in the cluster and by standalone in one process. */

export { DATABASE } from '@freshet/database';
/** `ReporterSettings`. */
export const SETTINGS = Symbol.for('freshet.reporter.settings');
/** `Notifier`: where notifications go. */
export const NOTIFIER = Symbol.for('freshet.reporter.notifier');
/** `LineageSink[]`: who is told of runs in the words of OpenLineage; nobody where it is not bound. */
export const LINEAGE_SINKS = Symbol.for('freshet.reporter.lineage-sinks');

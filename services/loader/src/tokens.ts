/** Ports of the loader, bound by `AppModule` in the cluster and by standalone in one process. The others come from their libraries. */

export { DATABASE } from '@freshet/database';

/** `LoaderSettings`. */
export const LOADER_SETTINGS = Symbol.for('freshet.loader.settings');

export interface LoaderSettings {
  /** Absolute folder below which exports are written. */
  readonly exportRoot: string;
}

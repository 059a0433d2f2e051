import { existsSync, readFileSync, statSync } from 'node:fs';
import { isLocal } from '../connection';
import { EXIT, UsageError } from '../exit';
import { explainConfig, readOriginalConfig, type OriginalConfig } from '../original-config';
import { localPath } from '../paths/shell-path';
import type { Register } from '../program';
import { unknownDataset, type Session } from '../session';
import { followRuns, waitOption } from './follow';
import { patiently, startRuns } from './start-runs';
import { TIME_HELP, onlyOption, windowOf } from './window-options';

interface Options {
  readonly all?: boolean;
  readonly wait?: boolean;
  readonly force?: boolean;
  readonly file?: string;
  readonly config?: string;
}

export const registerRefresh = (register: Register): void =>
  register(
    'refresh [targets...]',
    'start runs of datasets (bsee.well) or of all datasets of a source (bsee)',
    (command) => {
      waitOption(
        onlyOption(
          command
            .option('--all', 'every dataset of the catalog')
            .option('--from <time>', `time series: first interval, ${TIME_HELP}; a rolling window when absent`)
            .option('--to <time>', 'time series: intervals before this time; now when absent'),
        )
          .option('--force', 'fetch and publish although nothing has changed; lifts the pin of a rollback')
          .option('--file <path>', 'read this archive instead of the publisher (local coordinator, one dataset)')
          .option('--config <file>', 'take the datasets from a data_refresh_enhanced.yml of worldenergydata'),
      );
    },
    async (session, targets, options: Options) => {
      const all = options.all === true;
      if (options.config === undefined && all === targets.length > 0) {
        throw new UsageError(
          all ? 'both --all and names were given' : 'no dataset was named',
          'Write: freshet refresh <dataset…|source>, or freshet refresh --all',
        );
      }
      const window = windowOf({ ...options });
      const config = options.config === undefined ? undefined : readConfigFile(session, options.config, targets, all);
      const datasets = await namedDatasets(session, config?.datasets ?? targets, all);
      const file = options.file === undefined ? undefined : archivePath(session, options.file, datasets);
      if (config) explainConfig(config, session.print);

      const { runs, joined } = await startRuns(session, datasets, { force: options.force, file, ...window });
      for (const { id, dataset } of joined)
        session.print.note(`${dataset} is being refreshed already, by run ${id}; no second run is started.`);
      const extra = config ? { configuration: { datasets: config.datasets, notes: config.notes } } : {};
      if (options.wait) return followRuns(session, runs, extra);
      session.print.result({ ...extra, runs }, () => {
        for (const { dataset, id, state } of runs) session.print.line(`${dataset}: run ${id} ${state}`);
        session.print.note(`Follow with "freshet runs ${runs[0]?.id ?? '<id>'}", or start with --wait next time.`);
      });
      return EXIT.ok;
    },
  );

function readConfigFile(session: Session, typed: string, targets: readonly string[], all: boolean): OriginalConfig {
  if (all || targets.some((target) => target !== 'bsee')) {
    throw new UsageError(
      'with --config the file says which datasets to refresh',
      `Write: freshet refresh bsee --config ${typed}`,
    );
  }
  const path = pathOf(session, typed);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(
      `--config: ${code === 'ENOENT' ? `there is no ${path}` : `${path} cannot be read (${code ?? 'unknown error'})`}`,
    );
  }
  return readOriginalConfig(text, path);
}

/** Ids for what was typed; every mistake at once. */
async function namedDatasets(session: Session, targets: readonly string[], all: boolean): Promise<readonly string[]> {
  const datasets = await patiently(session, () => session.client.datasets());
  const ids = datasets.map(({ id }) => id);
  if (all) return ids;
  const sources = [...new Set(datasets.map(({ source }) => source))];
  const unknown = targets.filter((target) => !ids.includes(target) && !sources.includes(target));
  if (unknown.length === 1) throw unknownDataset(unknown[0] ?? '', ids, sources);
  if (unknown.length > 1) {
    throw new UsageError(
      `${unknown.length} names are not known`,
      'See `freshet datasets` for all of them.',
      unknown.map((name) => `${name}: ${unknownDataset(name, ids, sources).nextStep ?? ''}`),
    );
  }
  return [
    ...new Set(
      targets.flatMap((target) =>
        ids.includes(target) ? [target] : datasets.filter(({ source }) => source === target).map(({ id }) => id),
      ),
    ),
  ];
}

function archivePath(session: Session, typed: string, datasets: readonly string[]): string {
  if (datasets.length !== 1)
    throw new UsageError(`--file is one archive, and ${datasets.length} datasets were named`, 'Name one dataset.');
  if (!isLocal(session.connection)) {
    throw new UsageError(
      `--file names a file of this machine, and the coordinator ${session.connection.remote === undefined ? `at ${session.connection.url}` : `of ${session.connection.remote}`} is on another`,
      'Use it with a standalone (`npm start`) on this machine.',
    );
  }
  const path = pathOf(session, typed);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new UsageError(`--file: there is no ${path}`);
  if (!found.isFile()) throw new UsageError(`--file: ${path} is not a file`);
  if (found.size === 0) throw new UsageError(`--file: ${path} is empty`, 'Download the archive again.');
  return path;
}

export function pathOf({ world }: Session, typed: string): string {
  const { platform, cwd, home, environment } = world;
  return localPath(typed, { platform, cwd, home, msystem: environment.MSYSTEM, exists: existsSync });
}

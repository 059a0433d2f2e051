import { InvalidArgumentError } from 'commander';
import { UsageError } from '../exit';
import type { Register } from '../program';
import { historyColumns, printRun } from './run-report';

/** For options that take a count. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number above 0.');
  return value;
}

/** For `--limit`: as many as the API gives at once. */
export function upTo(most: number): (text: string) => number {
  return (text) => {
    const value = positiveInteger(text);
    if (value > most) throw new InvalidArgumentError(`It must be ${most} at most.`);
    return value;
  };
}

/** @throws UsageError for what cannot be the id of a run, before anybody is asked. */
export function runIdOf(typed: string): string {
  if (/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(typed)) return typed;
  throw new UsageError(`not the id of a run: ${typed}`, '"freshet runs" lists the newest runs with their ids.');
}

export const registerRuns = (register: Register): void =>
  register(
    'runs [id]',
    'history of runs; with an id, everything about one',
    (command) =>
      void command
        .option('--dataset <id>', 'only runs of this dataset')
        .option('--limit <n>', 'how many, 200 at most', upTo(200), 20),
    async (session, [id], options) => {
      const { client, print } = session;
      if (id !== undefined) {
        const run = await client.run(runIdOf(id));
        print.result(run, () => printRun(run, session.connection.exportRoot, print));
        return;
      }
      const dataset = options['dataset'] as string | undefined;
      if (dataset !== undefined) await session.dataset(dataset);
      const runs = await client.runs({ dataset, limit: options['limit'] as number });
      print.result(runs, () =>
        runs.length === 0 ? print.line('No runs yet.') : print.table(historyColumns(print, runs), runs),
      );
    },
  );

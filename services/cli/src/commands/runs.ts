import { InvalidArgumentError } from 'commander';
import type { Register } from '../program';
import { historyColumns, printRun } from './run-report';

/** For options that take a count. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number above 0.');
  return value;
}

export const registerRuns = (register: Register): void =>
  register(
    'runs [id]',
    'history of runs; with an id, everything about one',
    (command) =>
      void command
        .option('--dataset <id>', 'only runs of this dataset')
        .option('--limit <n>', 'how many', positiveInteger, 20),
    async (session, [id], options) => {
      const { client, print } = session;
      if (id !== undefined) {
        const run = await client.run(id);
        print.result(run, () => printRun(run, session.connection.exportRoot, print));
        return;
      }
      const dataset = options['dataset'] as string | undefined;
      if (dataset !== undefined) await session.dataset(dataset);
      const runs = await client.runs({ dataset, limit: options['limit'] as number });
      print.result(runs, () =>
        runs.length === 0 ? print.line('No runs yet.') : print.table(historyColumns(print), runs),
      );
    },
  );

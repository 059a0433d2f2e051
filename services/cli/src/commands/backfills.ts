import { UsageError } from '../exit';
import type { Register } from '../program';
import { backfillColumns, printBackfill } from './backfill-report';
import { upTo } from './runs';

/** @throws UsageError for what cannot be the id of a backfill, before anybody is asked. */
function backfillIdOf(typed: string): string {
  if (/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(typed)) return typed;
  throw new UsageError(
    `not the id of a backfill: ${typed}`,
    '"freshet backfills" lists the newest backfills with their ids.',
  );
}

export const registerBackfills = (register: Register): void =>
  register(
    'backfills [id]',
    'backfills and how far they are; with an id, the windows of one',
    (command) =>
      void command
        .option(
          '--cancel',
          'stop this one: what waits is dropped, what is under way is cancelled, what is stored stays',
        )
        .option('--dataset <id>', 'only backfills of this dataset')
        .option('--limit <n>', 'how many, 200 at most', upTo(200), 20),
    async (session, [id], options) => {
      const { client, print } = session;
      if (id !== undefined) {
        const wanted = backfillIdOf(id);
        const backfill =
          options['cancel'] === true ? await client.cancelBackfill(wanted) : await client.backfill(wanted);
        print.result(backfill, () => printBackfill(backfill, print));
        return;
      }
      if (options['cancel'] === true)
        throw new UsageError('--cancel needs the id of a backfill', 'Write: freshet backfills <id> --cancel');
      const dataset = options['dataset'] as string | undefined;
      if (dataset !== undefined) await session.dataset(dataset);
      const backfills = await client.backfills({ dataset, limit: options['limit'] as number });
      print.result(backfills, () =>
        backfills.length === 0 ? print.line('No backfills yet.') : print.table(backfillColumns(print), backfills),
      );
    },
  );

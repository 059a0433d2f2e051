import type { BackfillPlanView } from '@freshet/contracts';
import { EXIT } from '../exit';
import { count, duration, instant } from '../output/format';
import type { Printer } from '../output/printer';
import type { Register } from '../program';
import { followBackfill } from './follow-backfill';
import { TIME_HELP, onlyOption, windowOf } from './window-options';

export const registerBackfill = (register: Register): void =>
  register(
    'backfill <dataset>',
    'fill an interval of a time series, one respondent and window at a time, after everything that is scheduled',
    (command) =>
      void onlyOption(
        command
          .requiredOption('--from <time>', `first interval: ${TIME_HELP}`)
          .requiredOption('--to <time>', 'intervals before this time'),
      )
        .option('--force', 'also windows of which everything is stored')
        .option('--dry-run', 'only say which windows would be asked for, and how long that takes')
        .option(
          '--wait',
          'follow to the end; the exit code says how it ended. Ctrl-C stops following, not the backfill',
        ),
    async (session, [dataset = ''], options) => {
      const { from = '', to = '', only } = windowOf(options);
      await session.dataset(dataset);
      const order = { from, to, only, force: options['force'] === true ? true : undefined };
      const { client, print } = session;
      if (options['dryRun'] === true) {
        const plan = await client.planBackfill(dataset, order);
        print.result(plan, () => printPlan(plan, print));
        return EXIT.ok;
      }
      const backfill = await client.startBackfill(dataset, order);
      if (options['wait'] === true) return followBackfill(session, backfill);
      print.result(backfill, () => {
        const { pending, leased, done, skipped, failed } = backfill.counts;
        const windows = pending + leased + done + skipped + failed;
        print.line(
          `${dataset}: backfill ${backfill.id} is ${backfill.state}: ${windowsOf(windows)}${skipped > 0 ? `, ${count(skipped)} of them complete already` : ''}.`,
        );
        if (backfill.state === 'running')
          print.note(`Follow with "freshet backfills ${backfill.id}", or start with --wait next time.`);
      });
      return EXIT.ok;
    },
  );

const windowsOf = (number: number): string => `${count(number)} window${number === 1 ? '' : 's'}`;

function printPlan({ dataset, partitions, requests, estimatedSeconds }: BackfillPlanView, print: Printer): void {
  print.table(
    [
      { title: 'respondent', value: ({ selected }) => selected },
      { title: 'from', value: ({ from }) => instant(from) },
      { title: 'to', value: ({ to }) => instant(to) },
      { title: 'missing', value: ({ missing }) => count(missing), align: 'right' },
      { title: 'requests', value: (partition) => count(partition.requests), align: 'right' },
      { title: '', value: ({ skip }) => skip ?? '', paint: (cell) => print.paint(cell, 'quiet') },
    ],
    partitions,
  );
  const asked = partitions.filter(({ skip }) => skip === null);
  const missing = asked.reduce((sum, partition) => sum + partition.missing, 0);
  print.line();
  if (asked.length === 0) return print.line(`${dataset}: everything is stored; --force asks for it again.`);
  print.line(
    `${dataset}: ${windowsOf(asked.length)} to ask for, ${count(requests)} request${requests === 1 ? '' : 's'}, ${count(missing)} missing intervals; the rate limit alone takes ${duration(estimatedSeconds)}.`,
  );
}

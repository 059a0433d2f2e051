import type { CheckResultView } from '@freshet/contracts';
import { count, instant } from '../output/format';
import type { Printer, Tone } from '../output/printer';
import type { Register } from '../program';
import { UsageError } from '../exit';
import type { Session } from '../session';
import { runIdOf, upTo } from './runs';

const TONES: Readonly<Record<CheckResultView['severity'], Tone>> = { note: 'quiet', suspect: 'care', hold: 'bad' };

export const registerChecks = (register: Register): void =>
  register(
    'checks [dataset]',
    'what the checks of time series found, newest first',
    (command) =>
      void command
        .option('--run <id>', 'only those of this run')
        .option('--limit <n>', 'how many, 1,000 at most', upTo(1000), 50)
        .option('--now', 'have all checks of the dataset look at its last days, as every night'),
    async (session, [dataset], options) => {
      const { client, print } = session;
      if (dataset !== undefined) await session.dataset(dataset);
      if (options['now'] === true) return look(session, dataset);
      const run = options['run'] === undefined ? undefined : runIdOf(options['run'] as string);
      const page = await client.checks({ dataset, run, limit: options['limit'] as number });
      print.result(page, () => {
        if (page.items.length === 0) return print.line('No checks were made.');
        print.table(
          [
            { title: 'checked', value: ({ checkedAt }) => instant(checkedAt) },
            { title: 'dataset', value: (result) => result.dataset },
            { title: 'run', value: ({ runId }) => runId ?? 'health check' },
            { title: 'check', value: ({ name }) => name },
            {
              title: 'failed',
              value: ({ failed, evaluated }) => `${count(failed)} of ${count(evaluated)}`,
              align: 'right',
              paint: (cell, { failed, severity }) => print.paint(cell, failed === 0 ? 'good' : TONES[severity]),
            },
            { title: 'severity', value: ({ failed, severity }) => (failed === 0 ? '' : severity) },
            { title: 'from', value: ({ from }) => instant(from) },
            { title: 'to', value: ({ to }) => instant(to) },
          ],
          page.items,
        );
        // Of one run it is short enough to say what failed.
        if (run !== undefined) for (const result of page.items) printExamples(result, print);
        else if (page.items.some(({ failed }) => failed > 0))
          print.note('Examples of what failed: freshet checks --run <id>, or --json.');
        if (page.next !== null) print.note('There are more: --limit shows up to 1,000.');
      });
    },
  );

async function look({ client, print }: Session, dataset: string | undefined): Promise<void> {
  if (dataset === undefined) throw new UsageError('--now needs a dataset');
  const asked = await client.healthCheck(dataset);
  print.result(asked, () => {
    print.line(`The checks of ${dataset} look at ${instant(asked.from)} to ${instant(asked.to)}.`);
    print.note(`What they find: freshet checks ${dataset}`);
  });
}

function printExamples({ name, kind, failed, examples }: CheckResultView, print: Printer): void {
  if (failed === 0 || examples.length === 0) return;
  print.line();
  print.line(`${name}${name === kind ? '' : ` (${kind})`}: ${count(failed)} failed, for example`);
  print.table(
    [
      { title: '  series', value: ({ series }) => `  ${series}` },
      { title: 'at', value: ({ startsAt }) => instant(startsAt) },
      { title: 'value', value: ({ value }) => value ?? '-', align: 'right' },
      { title: 'what', value: ({ detail }) => detail, shrinks: true },
    ],
    examples,
  );
}

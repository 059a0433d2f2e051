import { count, instant } from '../output/format';
import type { Register } from '../program';
import { upTo } from './runs';
import { TIME_HELP, windowOf } from './window-options';

export const registerGaps = (register: Register): void =>
  register(
    'gaps <dataset>',
    'what is missing of a time series: intervals that are not stored, or have no value',
    (command) =>
      void command
        .option('--series <name>', 'only this series (PJM.demand)')
        .option('--from <time>', `also from before a series begins: ${TIME_HELP}`)
        .option('--to <time>', 'up to this time; what the publisher should have by now when absent')
        .option('--limit <n>', 'how many, 1,000 at most', upTo(1000), 100),
    async (session, [dataset = ''], options) => {
      const { from, to } = windowOf(options);
      await session.dataset(dataset);
      const limit = options['limit'] as number;
      const gaps = await session.client.gaps({
        dataset,
        series: options['series'] as string | undefined,
        from,
        to,
        limit,
      });
      const { print } = session;
      print.result(gaps, () => {
        if (gaps.length === 0) return print.line(`${dataset}: nothing is missing.`);
        print.table(
          [
            { title: 'series', value: ({ series }) => series },
            { title: 'from', value: (gap) => instant(gap.from) },
            { title: 'to', value: (gap) => instant(gap.to) },
            { title: 'intervals', value: ({ intervals }) => count(intervals), align: 'right' },
            { title: 'what', value: ({ kind }) => (kind === 'absent' ? 'not stored' : 'no value') },
            { title: 'asked again', value: ({ tries }) => (tries === 0 ? '-' : `${tries}×`), align: 'right' },
            {
              title: '',
              value: ({ givenUp }) => (givenUp ? 'given up' : ''),
              paint: (cell, { givenUp }) => print.paint(cell, givenUp ? 'bad' : 'quiet'),
            },
          ],
          gaps,
        );
        if (gaps.length === limit) print.note('There may be more: --limit shows up to 1,000.');
        print.note(`Ask for them: freshet backfill ${dataset} --from <time> --to <time>`);
      });
    },
  );

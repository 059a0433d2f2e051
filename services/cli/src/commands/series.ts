import type { SeriesView } from '@freshet/contracts';
import { pagesOf, type SeriesQuery } from '@freshet/client';
import { ago, instant } from '../output/format';
import type { Register } from '../program';

export const registerSeries = (register: Register): void =>
  register(
    'series [dataset]',
    'time series that are stored, and until when each has data',
    (command) =>
      void command
        .option('--respondent <code>', 'only of this respondent; its familiar name will do (CAISO)')
        .option('--kind <kind>', 'only of this kind: demand, fuel, interchange, …'),
    async (session, [dataset], options) => {
      const { client, print, world } = session;
      if (dataset !== undefined) await session.dataset(dataset);
      const filter = {
        dataset,
        respondent: options['respondent'] as string | undefined,
        kind: options['kind'] as string | undefined,
      };
      const items: SeriesView[] = [];
      for await (const page of pagesOf((query: SeriesQuery) => client.series(query), filter)) items.push(...page);
      print.result({ items, next: null }, () => {
        if (items.length === 0) return print.line('No series yet.');
        const now = world.date();
        print.table(
          [
            { title: 'series', value: ({ name }) => name },
            { title: 'dataset', value: (series) => series.dataset },
            {
              title: 'respondent',
              value: ({ respondent, aggregate }) => `${respondent}${aggregate ? ' (a sum over others)' : ''}`,
            },
            { title: 'kind', value: ({ kind }) => kind },
            { title: 'unit', value: ({ unit }) => unit },
            { title: 'data from', value: ({ firstStartsAt }) => instant(firstStartsAt) },
            { title: 'until', value: ({ lastEndsAt }) => instant(lastEndsAt) },
            { title: '', value: ({ lastEndsAt }) => (lastEndsAt === null ? '' : ago(lastEndsAt, now)) },
          ],
          items,
        );
      });
    },
  );

import type { DatasetView } from '@freshet/contracts';
import { ago, count, duration } from '../output/format';
import type { Tone } from '../output/printer';
import type { Register } from '../program';

const FRESHNESS: Readonly<Record<DatasetView['freshness'], Tone>> = { fresh: 'good', stale: 'bad', never: 'care' };

export const registerDatasets = (register: Register): void =>
  register(
    'datasets',
    'the catalog: every dataset, how often it is refreshed and how old it may get',
    () => {},
    async ({ client, print }) => {
      const datasets = await client.datasets();
      print.result(datasets, () => {
        print.table(
          [
            { title: 'dataset', value: ({ id }) => id },
            { title: 'title', value: ({ title }) => title, shrinks: true },
            { title: 'mode', value: ({ mode }) => mode },
            { title: 'schedule', value: ({ schedule }) => schedule.join(' | ') || '-' },
            { title: 'max age', value: ({ maxAgeSeconds }) => duration(maxAgeSeconds) },
          ],
          datasets,
        );
      });
    },
  );

export const registerStatus = (register: Register): void =>
  register(
    'status',
    'freshness, last run and health of each dataset',
    () => {},
    async ({ client, print, world }) => {
      const datasets = await client.datasets();
      const now = world.date();
      print.result(datasets, () => {
        print.table(
          [
            { title: 'dataset', value: ({ id }) => id },
            {
              title: 'freshness',
              value: ({ freshness }) => freshness,
              paint: (cell, { freshness }) => print.paint(cell, FRESHNESS[freshness]),
            },
            {
              title: 'generation',
              value: ({ generation, pinned }) => `${generation ?? '-'}${pinned ? ' (pinned)' : ''}`,
              align: 'right',
            },
            { title: 'rows', value: ({ rows }) => count(rows), align: 'right' },
            { title: 'confirmed', value: ({ confirmedAt }) => ago(confirmedAt, now) },
            { title: 'last run', value: ({ lastRun }) => (lastRun === null ? '-' : lastRun.state) },
            { title: 'ended', value: ({ lastRun }) => (lastRun?.endedAt ? ago(lastRun.endedAt, now) : '-') },
          ],
          datasets,
        );
        for (const { id, lastRun } of datasets) {
          if (!lastRun?.failure) continue;
          print.line();
          print.line(print.paint(`${id}: ${lastRun.failure.code}`, 'bad'));
          print.say(lastRun.failure.message, '  ');
          print.say(`Next: ${lastRun.failure.nextStep}`, '  ');
        }
      });
    },
  );

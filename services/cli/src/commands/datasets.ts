import type { DatasetView } from '@freshet/contracts';
import { ago, count, duration, instant } from '../output/format';
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
            ...(datasets.some(({ timeseries }) => timeseries)
              ? [
                  {
                    title: 'data until',
                    value: ({ timeseries }: DatasetView) => (timeseries ? instant(timeseries.dataUntil) : ''),
                  },
                  {
                    title: 'checks',
                    value: checksOf,
                    paint: (cell: string, dataset: DatasetView) => print.paint(cell, toneOfChecks(dataset)),
                  },
                ]
              : []),
            { title: 'confirmed', value: ({ confirmedAt }) => ago(confirmedAt, now) },
            { title: 'last run', value: ({ lastRun }) => (lastRun === null ? '-' : lastRun.state) },
            { title: 'ended', value: ({ lastRun }) => (lastRun?.endedAt ? ago(lastRun.endedAt, now) : '-') },
          ],
          datasets,
        );
        for (const [reason, { ids, nextStep }] of leftOutBy(datasets)) {
          print.line();
          print.line(print.paint(`not refreshed by schedule: ${reason}`, 'care'));
          print.say(ids.join(', '), '  ');
          print.say(`Next: ${nextStep}`, '  ');
        }
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

/** Datasets whose schedules start nothing, by the reason. */
function leftOutBy(datasets: readonly DatasetView[]): ReadonlyMap<string, { ids: string[]; nextStep: string }> {
  const found = new Map<string, { ids: string[]; nextStep: string }>();
  for (const { id, notScheduled } of datasets) {
    if (!notScheduled) continue;
    const same = found.get(notScheduled.reason);
    if (same) same.ids.push(id);
    else found.set(notScheduled.reason, { ids: [id], nextStep: notScheduled.nextStep });
  }
  return found;
}

/** What the checks of a time series found when they were last made: `9 passed`, `2 suspect, 3 noted`. */
function checksOf({ timeseries }: DatasetView): string {
  const checks = timeseries?.checks;
  if (!checks) return timeseries ? '-' : '';
  const found = (
    [
      ['held', checks.held],
      ['suspect', checks.suspect],
      ['noted', checks.noted],
    ] as const
  )
    .filter(([, number]) => number > 0)
    .map(([what, number]) => `${number} ${what}`);
  return found.length > 0 ? found.join(', ') : `${checks.made} passed`;
}

function toneOfChecks({ timeseries }: DatasetView): Tone {
  const { held = 0, suspect = 0, noted = 0 } = timeseries?.checks ?? {};
  return held > 0 ? 'bad' : suspect > 0 ? 'care' : noted > 0 ? 'quiet' : 'good';
}

import type { BackfillPartitionView, BackfillView } from '@freshet/contracts';
import { instant } from '../output/format';
import type { Printer, Tone } from '../output/printer';
import type { Column } from '../output/table';
import { progressText } from '../progress/backfill-progress';

const STATES: Readonly<Record<BackfillView['state'], Tone>> = {
  running: 'care',
  done: 'good',
  failed: 'bad',
  cancelled: 'care',
};
const PARTITIONS: Readonly<Record<BackfillPartitionView['state'], Tone>> = {
  pending: 'quiet',
  leased: 'care',
  done: 'good',
  skipped: 'quiet',
  failed: 'bad',
};
const ORIGINS = { manual: 'asked for', gap: 'by itself' } as const;

/** Some respondents by name, many by number. */
const respondents = ({ selected }: BackfillView): string =>
  selected.length <= 5 ? selected.join(' ') : `${selected.slice(0, 4).join(' ')} and ${selected.length - 4} more`;

export const backfillColumns = (print: Printer): ReadonlyArray<Column<BackfillView>> => [
  { title: 'backfill', value: ({ id }) => id },
  { title: 'requested', value: ({ requestedAt }) => instant(requestedAt) },
  { title: 'dataset', value: ({ dataset }) => dataset },
  { title: 'state', value: ({ state }) => state, paint: (cell, { state }) => print.paint(cell, STATES[state]) },
  { title: 'why', value: ({ origin }) => ORIGINS[origin] },
  { title: 'from', value: ({ from }) => instant(from) },
  { title: 'to', value: ({ to }) => instant(to) },
  { title: 'respondents', value: respondents, shrinks: true },
  { title: 'progress', value: progressText },
];

const partitionColumns = (print: Printer): ReadonlyArray<Column<BackfillPartitionView>> => [
  { title: 'respondent', value: ({ selected }) => selected },
  { title: 'from', value: ({ from }) => instant(from) },
  { title: 'to', value: ({ to }) => instant(to) },
  { title: 'state', value: ({ state }) => state, paint: (cell, { state }) => print.paint(cell, PARTITIONS[state]) },
  { title: 'run', value: ({ runId }) => runId ?? '-' },
  { title: 'reason', value: ({ reason }) => reason ?? '', shrinks: true },
];

/** One backfill with its windows. */
export function printBackfill(backfill: BackfillView, print: Printer): void {
  const { id, dataset, state, origin, from, to, requestedAt, partitions = [] } = backfill;
  const rows: ReadonlyArray<readonly [string, string]> = [
    ['backfill', `${id} (${ORIGINS[origin]} at ${instant(requestedAt)})`],
    ['dataset', dataset],
    ['state', print.paint(state, STATES[state])],
    ['interval', `${instant(from)} to ${instant(to)}`],
    ['respondents', respondents(backfill)],
    ['progress', progressText(backfill)],
  ];
  for (const [title, value] of rows) print.line(`${title.padEnd(13)}${value}`);
  if (partitions.length > 0) {
    print.line();
    print.table(partitionColumns(print), partitions);
  }
  if (state === 'failed')
    print.note(`The same freshet backfill ${dataset} again asks for what failed; complete windows are left out.`);
}

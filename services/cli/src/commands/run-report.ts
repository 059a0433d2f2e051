import { isAbsolute, join } from 'node:path';
import type { DatasetView, MergedView, RunView } from '@freshet/contracts';
import { isEnded } from '@freshet/domain';
import { bytes, count, duration, instant, secondsBetween } from '../output/format';
import type { Printer, Tone } from '../output/printer';
import type { Column } from '../output/table';

export const toneOf = (state: RunView['state']): Tone =>
  state === 'published' || state === 'unchanged' ? 'good' : state === 'failed' ? 'bad' : 'care';

const sumOf = (run: RunView, what: 'rows' | 'refused', progress: number): number =>
  run.resources.length > 0 ? run.resources.reduce((sum, resource) => sum + resource[what], 0) : progress;

/** Datasets by id, for what a run that changed nothing leaves published. */
export type PublishedState = ReadonlyMap<string, Pick<DatasetView, 'rows' | 'generation' | 'pinned'>>;
const NOTHING_KNOWN: PublishedState = new Map();

const rowsOf = (run: RunView, published: PublishedState): number =>
  run.state === 'unchanged'
    ? (published.get(run.dataset)?.rows ?? sumOf(run, 'rows', 0))
    : sumOf(run, 'rows', run.progress.rowsLoaded);

/** Of an unchanged run, what readers see: while it is pinned, that is not the generation the publisher still serves. */
const generationOf = (run: RunView, published: PublishedState): number | null =>
  run.state === 'unchanged' ? (published.get(run.dataset)?.generation ?? run.generation) : run.generation;

const secondsOf = (run: RunView): string => {
  const seconds = secondsBetween(run.startedAt ?? run.requestedAt, run.endedAt);
  return seconds === null ? '-' : seconds.toFixed(1);
};

/**
 * The table at the end of a refresh; an unchanged run shows what stays published, where that is known. Generations are of archives,
 * what was added and revised of time series.
 */
export const outcomeColumns = (
  print: Printer,
  runs: readonly RunView[],
  published = NOTHING_KNOWN,
): ReadonlyArray<Column<RunView>> => [
  { title: 'dataset', value: ({ dataset }) => dataset },
  { title: 'outcome', value: ({ state }) => state, paint: (cell, { state }) => print.paint(cell, toneOf(state)) },
  { title: 'rows', value: (run) => count(rowsOf(run, published)), align: 'right' },
  { title: 'refused', value: (run) => count(sumOf(run, 'refused', run.progress.rowsRefused)), align: 'right' },
  { title: 'bytes', value: ({ progress }) => bytes(progress.bytesReceived), align: 'right' },
  { title: 'seconds', value: secondsOf, align: 'right' },
  ...(runs.some((run) => run.merged || run.window) ? MERGED_COLUMNS : []),
  ...(runs.every((run) => run.window) && runs.length > 0
    ? []
    : [
        {
          title: 'generation',
          value: (run: RunView) => String(generationOf(run, published) ?? '-'),
          align: 'right',
        } as const,
      ]),
];

const MERGED_COLUMNS: ReadonlyArray<Column<RunView>> = [
  { title: 'added', value: ({ merged }) => (merged ? count(merged.added) : '-'), align: 'right' },
  { title: 'revised', value: ({ merged }) => (merged ? count(merged.changed) : '-'), align: 'right' },
];

/** Where the rows are that a run refused. */
export function printRefused(run: RunView, print: Printer): void {
  const refused = sumOf(run, 'refused', run.progress.rowsRefused);
  if (refused > 0)
    print.note(
      `${run.dataset}: ${count(refused)} row${refused === 1 ? '' : 's'} refused, see "freshet quarantine ${run.dataset}".`,
    );
}

/** Why readers see an older generation although the publisher was asked. */
export function printPin(run: RunView, published: PublishedState, print: Printer): void {
  const dataset = published.get(run.dataset);
  if (run.state !== 'unchanged' || !dataset?.pinned) return;
  print.note(
    `${run.dataset}: nothing new, so readers stay at generation ${dataset.generation}, as rolled back; "freshet refresh ${run.dataset} --force" ends that.`,
  );
}

export const historyColumns = (print: Printer, runs: readonly RunView[]): ReadonlyArray<Column<RunView>> => [
  { title: 'run', value: ({ id }) => id },
  { title: 'requested', value: ({ requestedAt }) => instant(requestedAt) },
  { title: 'trigger', value: ({ trigger }) => trigger },
  ...outcomeColumns(print, runs),
  { title: 'failure', value: ({ failure }) => failure?.code ?? '' },
];

/** Absolute where the folder is known. */
export const filePath = (path: string, exportRoot: string | undefined): string =>
  isAbsolute(path) || /^[a-z]:[\\/]/i.test(path) || exportRoot === undefined ? path : join(exportRoot, path);

export function printFiles(run: RunView, exportRoot: string | undefined, print: Printer): void {
  if (run.files.length === 0) return;
  print.line();
  print.line(`${run.dataset}: files`);
  for (const file of run.files) {
    print.line(`  ${filePath(file.path, exportRoot)}  (${bytes(file.bytes)})`);
    if (file.warning) print.note(`  ${file.warning}`, 'care');
  }
}

const NOTES: Readonly<Record<string, string>> = {
  column_added: 'new column, stored as text',
  column_missing: 'column missing, stored as null',
  type_mismatch: 'not of the declared type: null, with the published text beside it',
  value_dropped: 'value dropped',
};

/** What was out of the ordinary and did not stop the run. */
export function printNotes(run: RunView, print: Printer): void {
  if (!run.notes || run.notes.length === 0) return;
  print.line();
  print.line(`${run.dataset}: noted`);
  print.table(
    [
      { title: 'resource', value: ({ resource }) => resource },
      { title: 'column', value: ({ note }) => note.slice(note.indexOf(':') + 1) },
      { title: 'rows', value: ({ rows }) => count(rows), align: 'right' },
      { title: 'what', value: ({ note }) => describeNote(note) },
    ],
    run.notes,
  );
}

const mergedText = ({ added, changed, unchanged, late, duplicates }: MergedView): string =>
  [
    `${count(added)} added, ${count(changed)} revised, ${count(unchanged)} as before`,
    ...(late > 0 ? [`${count(late)} older than what was stored`] : []),
    ...(duplicates > 0 ? [`${count(duplicates)} twice`] : []),
  ].join(', ');

function describeNote(note: string): string {
  const [kind = ''] = note.split(':');
  return NOTES[kind] ?? `row kept, although it does not pass ${kind.replace(/^check_/, 'the check ')}`;
}

export function printFailure(run: RunView, print: Printer): void {
  if (!run.failure) return;
  print.line();
  print.line(print.paint(`${run.dataset}: ${run.state}, ${run.failure.code}`, 'bad'));
  print.say(run.failure.message, '  ');
  print.say(`Next: ${run.failure.nextStep}`, '  ');
}

/** Everything about one run: what it did, how the publisher was reached, every try, and what it cost. */
export function printRun(run: RunView, exportRoot: string | undefined, print: Printer): void {
  const rows: Array<readonly [string, string]> = [
    ['run', run.id],
    ['dataset', run.dataset],
    ['state', run.state + (isEnded(run.state) ? '' : `, task ${run.taskState ?? '-'}, attempt ${run.attempt}`)],
    ['trigger', run.trigger + (run.force ? ', forced' : '')],
    ['requested', instant(run.requestedAt)],
    ['started', instant(run.startedAt)],
    [
      'ended',
      `${instant(run.endedAt)}${run.endedAt && run.startedAt ? ` (${duration(secondsBetween(run.startedAt, run.endedAt) ?? 0)})` : ''}`,
    ],
    run.merged ? ['merged', mergedText(run.merged)] : ['generation', String(run.generation ?? '-')],
    ['received', bytes(run.progress.bytesReceived)],
  ];
  if (run.access) {
    rows.push([
      'reached by',
      `${run.access.kind} ${run.access.url}${run.access.stamp ? `, stamped ${run.access.stamp}` : ''}`,
    ]);
    for (const { kind, reason } of run.access.skipped) rows.push(['not by', `${kind}: ${reason}`]);
  }
  for (const [title, value] of rows) print.line(`${title.padEnd(12)}${value}`);
  if (run.resources.length > 0) {
    print.line();
    print.table(
      [
        { title: 'resource', value: ({ resource }) => resource },
        { title: 'outcome', value: ({ outcome }) => outcome },
        { title: 'rows', value: ({ rows: loaded }) => count(loaded), align: 'right' },
        { title: 'refused', value: ({ refused }) => count(refused), align: 'right' },
        { title: 'bytes', value: ({ bytes: size }) => bytes(size), align: 'right' },
        { title: 'sha256', value: ({ sha256 }) => sha256?.slice(0, 16) ?? '-' },
      ],
      run.resources,
    );
  }
  if (run.attempts.length > 1 || run.attempts.some(({ failure }) => failure !== null)) {
    print.line();
    print.table(
      [
        { title: 'attempt', value: ({ attempt }) => String(attempt), align: 'right' },
        { title: 'worker', value: ({ worker }) => worker ?? '-' },
        { title: 'started', value: ({ startedAt }) => instant(startedAt) },
        { title: 'end', value: ({ end }) => end ?? '-' },
        {
          title: 'failure',
          value: ({ failure }) => (failure ? `${failure.code}: ${failure.message}` : ''),
          shrinks: true,
        },
      ],
      run.attempts,
    );
  }
  if (run.peakMemory.length > 0) {
    print.line();
    print.table(
      [
        { title: 'process', value: ({ service, instance }) => `${service} (${instance})` },
        { title: 'peak memory', value: ({ peakRssBytes }) => bytes(peakRssBytes), align: 'right' },
      ],
      run.peakMemory,
    );
  }
  printNotes(run, print);
  printFiles(run, exportRoot, print);
  printFailure(run, print);
}

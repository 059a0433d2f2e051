import type { ObservationView } from '@freshet/contracts';
import type { ObservationsQuery } from '@freshet/client';
import { Option } from 'commander';
import { UsageError } from '../exit';
import { instant } from '../output/format';
import type { Tone } from '../output/printer';
import type { Register } from '../program';
import type { Session } from '../session';
import { optionalInstant } from './instants';
import { FORMATS, writeObservations, type Format } from './observation-files';
import { upTo } from './runs';

/** What is shown when no window is named: long enough for kinds that are published a day late. */
const RECENT_MS = 48 * 3_600_000;

export const registerObservations = (register: Register): void =>
  register(
    'observations [series...]',
    'values of time series, as they are or as they were known; to the terminal or into files',
    (command) =>
      void command
        .option('--dataset <id>', 'only of this dataset; without series, all of it')
        .option(
          '--from <time>',
          'first interval start (UTC); the last 48 hours when nothing is said and nothing written',
        )
        .option('--to <time>', 'interval starts before this one')
        .option('--as-of <time>', 'the values that were known then')
        .option('--limit <n>', 'rows shown, 10,000 at most; a file has all of them', upTo(10_000), 1000)
        .addOption(new Option('--format <format>', 'write all rows in this format').choices(FORMATS))
        .option('--out <file>', 'into this file instead of standard output; binary formats need one'),
    async (session, series, options) => {
      const dataset = options['dataset'] as string | undefined;
      if (series.length === 0 && dataset === undefined)
        throw new UsageError('which series? Name some, or a dataset with --dataset', '"freshet series" lists them.');
      if (dataset !== undefined) await session.dataset(dataset);
      const query: ObservationsQuery = {
        series: series.length > 0 ? series : undefined,
        dataset,
        from: optionalInstant('--from', options['from']),
        to: optionalInstant('--to', options['to']),
        asOf: optionalInstant('--as-of', options['asOf']),
      };
      const out = options['out'] as string | undefined;
      const format = (options['format'] as Format | undefined) ?? formatOf(out);
      if (format !== undefined) return writeObservations(session, query, format, out);
      return show(session, query, options['limit'] as number);
    },
  );

/** The format that a file name says. */
function formatOf(out: string | undefined): Format | undefined {
  if (out === undefined) return undefined;
  const extension = /\.([a-z]+)$/i.exec(out)?.[1]?.toLowerCase();
  const format = FORMATS.find((name) => name === extension);
  if (format === undefined)
    throw new UsageError(`--out: the name ${out} does not say a format`, `Add --format ${FORMATS.join('|')}.`);
  return format;
}

async function show({ client, print, world }: Session, query: ObservationsQuery, limit: number): Promise<void> {
  const recent = query.from === undefined && query.to === undefined;
  const from = recent ? new Date(world.date().getTime() - RECENT_MS).toISOString() : query.from;
  const page = await client.observations({ ...query, from, limit });
  print.result(page, () => {
    const { items, next } = page;
    if (items.length === 0)
      print.line(recent ? 'Nothing of the last 48 hours is stored.' : 'Nothing is stored in this window.');
    else print.table(columns(print.paint.bind(print)), items);
    if (recent) print.note('The last 48 hours; --from and --to choose others.');
    if (next !== null) print.note(`Cut after ${limit} rows: --limit shows more, --format csv writes all of them.`);
  });
}

const TONES: Readonly<Record<ObservationView['quality'], Tone>> = {
  good: 'good',
  estimated: 'care',
  missing: 'bad',
  suspect: 'care',
};

const columns = (paint: (text: string, tone: Tone) => string) => [
  { title: 'series', value: ({ series }: ObservationView) => series },
  { title: 'from', value: ({ startsAt }: ObservationView) => instant(startsAt) },
  { title: 'to', value: ({ endsAt }: ObservationView) => instant(endsAt) },
  { title: 'value', value: ({ value }: ObservationView) => value ?? '-', align: 'right' as const },
  { title: 'unit', value: ({ unit }: ObservationView) => unit },
  {
    title: 'quality',
    value: ({ quality }: ObservationView) => quality,
    paint: (cell: string, { quality }: ObservationView) => paint(cell, TONES[quality]),
  },
  {
    title: 'revised',
    value: ({ revisions }: ObservationView) => (revisions === 0 ? '' : `${revisions}×`),
    align: 'right' as const,
  },
  { title: 'first seen', value: ({ firstSeen }: ObservationView) => instant(firstSeen) },
];

import type { DiffView } from '@freshet/contracts';
import { EXIT, UsageError, type ExitCode } from '../exit';
import { count } from '../output/format';
import { printable, truncate } from '../output/text';
import type { Printer } from '../output/printer';
import type { Register } from '../program';
import { diffAgainstFolder } from './diff-against';

export const registerDiff = (register: Register): void =>
  register(
    'diff <dataset> [from] [to]',
    'what changed between two generations (the newest against the one before), or against a folder of .bin files',
    (command) => void command.option('--against <folder>', 'compare the exported .bin files with those of this folder'),
    async (session, [dataset = '', from, to], options): Promise<ExitCode> => {
      await session.dataset(dataset);
      const against = options['against'] as string | undefined;
      if (against !== undefined) {
        if (from !== undefined)
          throw new UsageError('--against compares the published generation, and generations were named as well');
        return diffAgainstFolder(session, dataset, against);
      }
      const diff = await session.client.diff(dataset, generation(from), generation(to));
      session.print.result(diff, () => printDiff(diff, session.print));
      return EXIT.ok;
    },
  );

function generation(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new UsageError(`not a generation: ${text}`, 'See "freshet generations <dataset>".');
  return value;
}

function printDiff(diff: DiffView, print: Printer): void {
  print.line(`${diff.dataset}: generation ${diff.from} to ${diff.to}`);
  print.table(
    [
      { title: 'resource', value: ({ resource }) => resource },
      { title: 'by', value: ({ by }) => (by === 'key' ? 'key' : 'row hash') },
      { title: 'added', value: ({ added }) => count(added), align: 'right' },
      { title: 'removed', value: ({ removed }) => count(removed), align: 'right' },
      { title: 'changed', value: ({ changed }) => count(changed), align: 'right' },
      { title: 'unchanged', value: ({ unchanged }) => count(unchanged), align: 'right' },
    ],
    diff.resources,
  );
  for (const { resource, changedColumns, samples } of diff.resources) {
    const columns = Object.entries(changedColumns).sort(([, a], [, b]) => b - a);
    if (columns.length > 0) {
      print.line();
      const shown = columns.slice(0, MOST_COLUMNS).map(([name, rows]) => `${name} ${count(rows)}`);
      const more = columns.length - shown.length;
      print.say(`${resource}, changed columns: ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`);
    } else if (samples.length > 0) {
      print.line();
      print.line(resource);
    }
    const width = Math.min(print.width, WIDEST_SAMPLE);
    for (const { change, key, before, after } of samples) {
      const row = [change.padEnd(7), describe(key), changes(before, after, key)].filter((part) => part !== '');
      print.line(`  ${truncate(printable(row.join('  ')), width - 2)}`);
    }
  }
  if (diff.resources.some(({ samples }) => samples.length > 0))
    print.note('Some rows of each kind are shown, cut to the line; --json has them whole.');
}

/** A table may have sixty columns, and a remark two thousand characters: what is printed is to be read. */
const MOST_COLUMNS = 12;
const WIDEST_SAMPLE = 160;

const describe = (key: Readonly<Record<string, string | null>>): string =>
  Object.entries(key)
    .map(([name, value]) => `${name}=${value ?? 'null'}`)
    .join(' ');

type Values = Readonly<Record<string, string | null>>;

/** The values that differ, or all of them beside the key for an added or removed row. */
function changes(before: Values | undefined, after: Values | undefined, key: Values): string {
  if (before && after) {
    const names = Object.keys(after).filter((name) => before[name] !== after[name]);
    return names.map((name) => `${name} ${before[name] ?? 'null'} -> ${after[name] ?? 'null'}`).join(', ');
  }
  const values = Object.entries(after ?? before ?? {});
  return describe(Object.fromEntries(values.filter(([name, value]) => value !== null && !(name in key))));
}

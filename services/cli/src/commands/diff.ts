import type { DiffView } from '@freshet/contracts';
import { EXIT, UsageError, type ExitCode } from '../exit';
import { count } from '../output/format';
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
      print.say(`${resource}, changed columns: ${columns.map(([name, rows]) => `${name} ${count(rows)}`).join(', ')}`);
    }
    for (const { change, key, before, after } of samples) {
      print.say(`${change} ${describe(key)}${changes(before, after)}`, '  ');
    }
  }
}

const describe = (key: Readonly<Record<string, string | null>>): string =>
  Object.entries(key)
    .map(([name, value]) => `${name}=${value ?? 'null'}`)
    .join(' ');

type Values = Readonly<Record<string, string | null>>;

/** The values that differ, or all of them for an added or removed row. */
function changes(before: Values | undefined, after: Values | undefined): string {
  if (before && after) {
    const names = Object.keys(after).filter((name) => before[name] !== after[name]);
    return `: ${names.map((name) => `${name} ${before[name] ?? 'null'} -> ${after[name] ?? 'null'}`).join(', ')}`;
  }
  const values = after ?? before;
  return values ? `: ${describe(values)}` : '';
}

import type { GenerationView } from '@freshet/contracts';
import { count, instant } from '../output/format';
import type { Register } from '../program';
import { positiveInteger } from './runs';

/** Resources whose rows were taken over from an earlier generation. */
const kept = ({ resources, generation }: GenerationView): string => {
  const unchanged = resources.filter(({ rowsFrom }) => rowsFrom !== generation).length;
  return unchanged === 0 ? '' : `${unchanged} of ${resources.length} unchanged`;
};

const changesOf = ({ changes }: GenerationView): string =>
  changes ? `+${count(changes.added)} -${count(changes.removed)} ~${count(changes.changed)} since ${changes.from}` : '';

export const registerGenerations = (register: Register): void =>
  register(
    'generations <dataset>',
    'published versions, the one readers see marked',
    () => {},
    async (session, [dataset = '']) => {
      await session.dataset(dataset);
      const generations = await session.client.generations(dataset);
      const { print } = session;
      print.result(generations, () => {
        if (generations.length === 0) return print.line(`${dataset} was never published.`);
        print.table(
          [
            { title: 'generation', value: ({ generation, current }) => `${current ? '* ' : '  '}${generation}` },
            { title: 'published', value: ({ publishedAt }) => instant(publishedAt) },
            { title: 'rows', value: ({ rows }) => count(rows), align: 'right' },
            { title: 'resources', value: ({ resources }) => String(resources.length), align: 'right' },
            { title: 'kept', value: kept },
            { title: 'added, removed, changed', value: changesOf },
            { title: 'run', value: ({ runId }) => runId },
          ],
          generations,
        );
      });
    },
  );

export const registerRollback = (register: Register): void =>
  register(
    'rollback <dataset>',
    'show readers an older generation, and hold it until new content arrives or a refresh is forced',
    (command) =>
      void command.option('--to <generation>', 'which; the one before the current when absent', positiveInteger),
    async (session, [dataset = ''], options) => {
      await session.dataset(dataset);
      const moved = await session.client.rollback(dataset, options['to'] as number | undefined);
      session.print.result(moved, () => {
        session.print.line(`${dataset}: readers see generation ${moved.to} now, instead of ${moved.from}.`);
        session.print.note(
          `It stays pinned until the publisher has new content, or until "freshet refresh ${dataset} --force".`,
        );
      });
    },
  );

import { bytes, instant } from '../output/format';
import type { Register } from '../program';
import { positiveInteger, upTo } from './runs';

export const registerDeadLetters = (register: Register): void =>
  register(
    'dead-letters',
    'messages that could not be delivered; --replay starts their run again',
    (command) =>
      void command
        .option('--limit <n>', 'how many, 500 at most', upTo(500), 50)
        .option('--replay <id>', 'replay this one as a new attempt', (text) => String(positiveInteger(text))),
    async ({ client, print }, _args, options) => {
      const id = options['replay'] as string | undefined;
      if (id !== undefined) {
        const replayed = await client.replayDeadLetter(id);
        print.result(replayed, () => {
          for (const run of replayed.runs) print.line(`${run.dataset}: run ${run.id} ${run.state}`);
          if (replayed.runs.length === 0) print.line(`Dead letter ${id} was published again; it belongs to no run.`);
        });
        return;
      }
      const letters = await client.deadLetters(options['limit'] as number);
      print.result(letters, () => {
        if (letters.length === 0) return print.line('There are no dead letters.');
        print.table(
          [
            { title: 'id', value: (letter) => letter.id, align: 'right' },
            { title: 'received', value: ({ receivedAt }) => instant(receivedAt) },
            { title: 'topic', value: ({ topic }) => topic },
            { title: 'step', value: ({ step }) => step },
            { title: 'code', value: ({ code }) => code },
            { title: 'run', value: ({ runId }) => runId ?? '-' },
            { title: 'bytes', value: (letter) => bytes(letter.bytes), align: 'right' },
            { title: 'replayed', value: ({ replayedAt }) => instant(replayedAt) },
            { title: 'reason', value: ({ reason }) => reason, shrinks: true },
          ],
          letters,
        );
      });
    },
  );

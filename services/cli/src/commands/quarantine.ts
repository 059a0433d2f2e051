import type { Register } from '../program';
import { upTo } from './runs';

export const registerQuarantine = (register: Register): void =>
  register(
    'quarantine <dataset>',
    'rows that validation refused, with reason and position (personal columns masked)',
    (command) =>
      void command
        .option('--limit <n>', 'how many, 500 at most', upTo(500), 50)
        .option('--after <id>', 'go on after this entry'),
    async (session, [dataset = ''], options) => {
      await session.dataset(dataset);
      const limit = options['limit'] as number;
      const rows = await session.client.quarantine(dataset, { limit, after: options['after'] as string | undefined });
      const { print } = session;
      print.result(rows, () => {
        if (rows.length === 0) return print.line(`${dataset}: nothing is in quarantine.`);
        print.table(
          [
            { title: 'id', value: ({ id }) => id, align: 'right' },
            { title: 'run', value: ({ runId }) => runId.slice(0, 8) },
            { title: 'resource', value: ({ resource }) => resource },
            { title: 'chunk', value: ({ chunk }) => String(chunk), align: 'right' },
            { title: 'row', value: ({ row }) => String(row), align: 'right' },
            { title: 'reason', value: ({ reason }) => reason },
            { title: 'column', value: ({ column }) => column ?? '' },
            { title: 'detail', value: ({ detail }) => detail, shrinks: true },
            { title: 'record', value: ({ record }) => record, shrinks: true },
          ],
          rows,
        );
        const last = rows.at(-1);
        if (last && rows.length === limit) print.note(`More: freshet quarantine ${dataset} --after ${last.id}`);
      });
    },
  );

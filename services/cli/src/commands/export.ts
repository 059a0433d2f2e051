import type { RunView } from '@freshet/contracts';
import { sleep } from '@freshet/client';
import { CommandFailed } from '../exit';
import type { Register } from '../program';
import type { Session } from '../session';
import { printFiles } from './run-report';

/** Longest wait for the loader to write the files again, and the pause between looks. */
const PATIENCE_MS = 10 * 60_000;
const POLL_MS = 500;

export const registerExport = (register: Register): void =>
  register(
    'export <dataset>',
    'write the files of the published generation again',
    (command) => void command.option('--no-wait', 'do not wait until they are written'),
    async (session, [dataset = ''], options) => {
      const { print, client } = session;
      await session.dataset(dataset);
      const asked = await client.exportDataset(dataset);
      const run = options['wait'] === false ? null : await written(session, asked.runId);
      if (run === null) {
        print.result(asked, () =>
          print.line(`${dataset}: the files of generation ${asked.generation} are being written (run ${asked.runId}).`),
        );
        return;
      }
      print.result({ ...asked, files: run.files }, () => {
        print.line(`${dataset}: ${run.files.length} files of generation ${asked.generation} written.`);
        printFiles(run, session.connection.exportRoot, print);
      });
    },
  );

/** The run once every one of its files is newer than before; null when the coordinator does not say when files were written. */
async function written({ client, world }: Session, runId: string): Promise<RunView | null> {
  const before = new Map((await client.run(runId)).files.map(({ path, writtenAt }) => [path, writtenAt]));
  const pause = world.sleep ?? sleep;
  for (const startedAt = world.now(); world.now() - startedAt < PATIENCE_MS;) {
    const run = await client.run(runId);
    if (run.files.some(({ writtenAt }) => writtenAt === undefined)) return null;
    if (run.files.length > 0 && run.files.every(({ path, writtenAt }) => writtenAt !== before.get(path))) return run;
    await pause(POLL_MS);
  }
  throw new CommandFailed(
    'the files were not written within 10 minutes',
    `Look at the log of the loader, and at "freshet runs ${runId}".`,
  );
}

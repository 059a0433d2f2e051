import type { BackfillView } from '@freshet/contracts';
import { EXIT, type ExitCode } from '../exit';
import { duration } from '../output/format';
import { backfillProgress } from '../progress/backfill-progress';
import type { Session } from '../session';
import { printBackfill } from './backfill-report';

class Detached extends Error {}

/** Follows a backfill to its end, and reports it. */
export async function followBackfill(session: Session, backfill: BackfillView): Promise<ExitCode> {
  const { client, world, print } = session;
  const detach = new AbortController();
  const stopListening = world.onInterrupt(() => detach.abort(new Detached('detached')));
  const progress = backfillProgress(print.json ? null : world);
  let told = false;
  try {
    const ended = await client.waitForBackfill(backfill.id, {
      signal: detach.signal,
      onUpdate: (update) => {
        if (told) progress.interject('the coordinator answers again');
        told = false;
        progress.update(update);
      },
      onUnreachable: (_error, silentMs) => {
        if (!told && silentMs > 0)
          progress.interject(`the coordinator does not answer (for ${duration(silentMs / 1000)}); still asking`);
        told = true;
      },
    });
    progress.stop();
    print.result(ended, () => printBackfill(ended, print));
    return ended.state === 'done' ? EXIT.ok : EXIT.failed;
  } catch (error) {
    progress.stop();
    if (!(error instanceof Detached)) throw error;
    print.result({ id: backfill.id, dataset: backfill.dataset, detached: true }, () => undefined);
    print.note('Stopped following; the backfill goes on.');
    print.note(`  look again: freshet backfills ${backfill.id}`);
    print.note(`  stop it: freshet backfills ${backfill.id} --cancel`);
    return EXIT.interrupted;
  } finally {
    stopListening();
  }
}

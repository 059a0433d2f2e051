import type { BackfillView } from '@freshet/contracts';
import { Detached, EXIT, exitOf, type ExitCode } from '../exit';
import { duration } from '../output/format';
import { backfillProgress } from '../progress/backfill-progress';
import type { Session } from '../session';
import { printBackfill } from './backfill-report';
import { detaching } from './detach';

/** Follows a backfill to its end, and reports it. */
export async function followBackfill(session: Session, backfill: BackfillView): Promise<ExitCode> {
  const { client, world, print, patienceMs } = session;
  const detach = detaching(world);
  const progress = backfillProgress(print.json ? null : world);
  let told = false;
  try {
    const ended = await client.waitForBackfill(backfill.id, {
      signal: detach.signal,
      patienceMs,
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
    if (ended.state === 'done') return EXIT.ok;
    session.reasons.push({
      what: `${ended.dataset}: backfill ${ended.id} ${ended.state}, ${ended.counts.failed} windows failed`,
      nextStep: `freshet backfills ${ended.id} has the windows.`,
    });
    return EXIT.failed;
  } catch (error) {
    progress.stop();
    if (!(error instanceof Detached)) throw error;
    print.result({ id: backfill.id, dataset: backfill.dataset, detached: true }, () => undefined);
    print.note('Stopped following; the backfill goes on.');
    print.note(`  look again: freshet backfills ${backfill.id}`);
    print.note(`  stop it: freshet backfills ${backfill.id} --cancel`);
    session.reasons.push({
      what: `${backfill.dataset}: stopped following backfill ${backfill.id} (${error.signal}); it goes on`,
      nextStep: `freshet backfills ${backfill.id} shows how far it is.`,
    });
    return exitOf(error.signal);
  } finally {
    detach.end();
  }
}

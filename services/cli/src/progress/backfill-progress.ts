import type { BackfillView } from '@freshet/contracts';
import { clock, count, percent } from '../output/format';
import { truncate } from '../output/text';
import type { World } from '../world';
import { bar } from './line';

export interface BackfillProgress {
  update(backfill: BackfillView): void;
  /** A sentence among the progress. */
  interject(text: string): void;
  stop(): void;
}

/** Between two lines where there is no terminal. */
const QUIET_MS = 10_000;

/** How far a backfill is, on standard error: one line that is written again on a terminal, now and then a new one elsewhere. */
export function backfillProgress(world: Pick<World, 'stderr' | 'now'> | null): BackfillProgress {
  if (!world) return { update() {}, interject() {}, stop() {} };
  const { stderr, now } = world;
  const startedAt = now();
  let first: number | null = null;
  let drawn = false;
  let saidAt = Number.NEGATIVE_INFINITY;
  const clear = (): void => {
    if (drawn) stderr.write('\r\u001b[K');
    drawn = false;
  };
  return {
    update(backfill) {
      const { ended, all } = windowsOf(backfill);
      first ??= ended;
      const left = secondsLeft(ended - first, all - ended, (now() - startedAt) / 1000);
      const text = [progressText(backfill), ...(left === null ? [] : [`${clock(left)} left`])].join(', ');
      if (stderr.isTTY) {
        const line = `${backfill.dataset}  ${bar(all === 0 ? 1 : ended / all, 20)}  ${text}`;
        clear();
        stderr.write(truncate(line, Math.max(20, (stderr.columns ?? 80) - 1)));
        drawn = true;
      } else if (now() - saidAt >= QUIET_MS || ended === all) {
        saidAt = now();
        stderr.write(`${backfill.dataset}: ${text}\n`);
      }
    },
    interject(text) {
      clear();
      stderr.write(`${text}\n`);
    },
    stop: clear,
  };
}

export function windowsOf({ counts }: Pick<BackfillView, 'counts'>): { readonly ended: number; readonly all: number } {
  const ended = counts.done + counts.skipped + counts.failed;
  return { ended, all: ended + counts.pending + counts.leased };
}

/** `12 of 90 windows, 13 %, 2 under way, 1 failed`. */
export function progressText(backfill: Pick<BackfillView, 'counts'>): string {
  const { ended, all } = windowsOf(backfill);
  const { leased, failed } = backfill.counts;
  return [
    `${count(ended)} of ${count(all)} windows`,
    percent(all === 0 ? 1 : ended / all),
    ...(leased > 0 ? [`${leased} under way`] : []),
    ...(failed > 0 ? [`${count(failed)} failed`] : []),
  ].join(', ');
}

/** By how many ended since it is followed; null while that says little. */
const secondsLeft = (ended: number, left: number, elapsed: number): number | null =>
  ended < 2 || left === 0 ? null : (elapsed / ended) * left;

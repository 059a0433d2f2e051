import type { RunView } from '@freshet/contracts';
import { bytes, clock, count } from '../output/format';
import { truncate } from '../output/text';
import { chunksCut, type Estimate } from './estimate';

const BAR = { widest: 30, narrowest: 8 };

/** What a run is doing, in one word. */
export function phase({ state, taskState, progress, attempt }: RunView): string {
  if (state !== 'running') return state;
  const doing =
    taskState === 'fetched'
      ? 'loading'
      : taskState === 'leased'
        ? progress.bytesReceived > 0 || progress.chunksLoaded > 0
          ? 'fetching'
          : 'asking'
        : 'waiting';
  return attempt > 1 ? `${doing} (attempt ${attempt})` : doing;
}

/** The measured parts of a progress line, the most important first. */
export function facts(run: RunView, { rowsPerSecond, secondsLeft }: Estimate): readonly string[] {
  const { state, progress } = run;
  const expected = progress.bytesExpected > 0 ? ` of ${bytes(progress.bytesExpected)}` : '';
  return [
    progress.bytesReceived > 0 ? `${bytes(progress.bytesReceived)}${expected}` : '',
    progress.rowsLoaded > 0 ? `${count(progress.rowsLoaded)} rows` : '',
    secondsLeft !== null && secondsLeft > 0 ? `${clock(secondsLeft)} left` : '',
    state === 'running' && rowsPerSecond !== null && rowsPerSecond >= 1 ? `${count(rowsPerSecond)} rows/s` : '',
    chunksCut(run) > 0 ? `${progress.chunksLoaded}/${chunksCut(run)} chunks` : '',
    progress.rowsRefused > 0 ? `${count(progress.rowsRefused)} refused` : '',
  ].filter((part) => part !== '');
}

/** One line of at most `width` characters: name, bar, percent, phase, then as many facts as fit. */
export function barLine(run: RunView, estimate: Estimate, width: number, nameWidth: number): string {
  const share = estimate.share === null ? '  ?  ' : `${String(Math.floor(estimate.share * 100)).padStart(3)} %`;
  const barWidth = Math.max(BAR.narrowest, Math.min(BAR.widest, Math.floor(width / 5)));
  let line = `${run.dataset.padEnd(nameWidth)}  ${bar(estimate.share, barWidth)}  ${share}  ${phase(run)}`;
  for (const fact of facts(run, estimate)) {
    if (line.length + 2 + fact.length > width) break;
    line += `  ${fact}`;
  }
  return truncate(line, width);
}

/** ASCII, because not every console's font has blocks. */
export function bar(share: number | null, width: number): string {
  const filled = Math.round((share ?? 0) * width);
  return `[${'='.repeat(filled)}${' '.repeat(width - filled)}]`;
}

/** The same for a log: `bsee.well: loading, 45 %, 12.3 MB of 30.1 MB, …`. */
export function plainLine(run: RunView, estimate: Estimate): string {
  const share = estimate.share === null ? [] : [`${Math.floor(estimate.share * 100)} %`];
  return `${run.dataset}: ${[phase(run), ...share, ...facts(run, estimate)].join(', ')}`;
}

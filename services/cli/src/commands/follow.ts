import type { RunView } from '@freshet/contracts';
import { isEnded } from '@freshet/domain';
import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit';
import { duration } from '../output/format';
import { progressDisplay, type ProgressDisplay } from '../progress/display';
import type { Session } from '../session';
import { outcomeColumns, printFailure, printFiles, printNotes, printPin, printRefused } from './run-report';

export const waitOption = (command: Command): void =>
  void command.option(
    '--wait',
    'follow to the end; the exit code says how it ended. Ctrl-C stops following, not the run',
  );

class Detached extends Error {}

/** Follows runs to their ends, all at the same time, and reports them. `extra` goes into the JSON result. */
export async function followRuns(session: Session, runs: readonly RunView[], extra: object = {}): Promise<ExitCode> {
  const { world, print } = session;
  const detach = new AbortController();
  const going = new Map(runs.map((run) => [run.id, run]));
  const stopListening = world.onInterrupt(() => detach.abort(new Detached('detached')));
  const display = print.json
    ? silentDisplay
    : progressDisplay(
        runs.map(({ dataset }) => dataset),
        world,
      );
  const watched: ProgressDisplay = {
    ...{ interject: (text) => display.interject(text), stop: () => display.stop() },
    update(run) {
      if (isEnded(run.state)) going.delete(run.id);
      display.update(run);
    },
  };
  try {
    const ended = await Promise.all(runs.map((run) => followRun(session, run, watched, detach)));
    display.stop();
    await report(session, ended, extra);
    return ended.every(({ state }) => state === 'published' || state === 'unchanged') ? EXIT.ok : EXIT.failed;
  } catch (error) {
    display.stop();
    if (error instanceof Detached) {
      sayDetached(session, runs, [...going.values()], extra);
      return EXIT.interrupted;
    }
    throw error;
  } finally {
    // One that failed ends the others' waiting too; the runs themselves go on.
    detach.abort(new Detached('detached'));
    stopListening();
  }
}

function followRun(
  { client }: Session,
  run: RunView,
  display: ProgressDisplay,
  { signal }: AbortController,
): Promise<RunView> {
  let told = false;
  return client.waitForRun(run.id, {
    signal,
    onUpdate: (update) => {
      if (told) display.interject(`${run.dataset}: the coordinator answers again`);
      told = false;
      display.update(update);
    },
    onUnreachable: (_error, silentMs) => {
      if (!told && silentMs > 0)
        display.interject(
          `${run.dataset}: the coordinator does not answer (for ${duration(silentMs / 1000)}); still asking`,
        );
      told = true;
    },
  });
}

async function report({ client, print, connection }: Session, ended: readonly RunView[], extra: object): Promise<void> {
  const unchanged = !print.json && ended.some(({ state }) => state === 'unchanged');
  const published = new Map((unchanged ? await client.datasets() : []).map((dataset) => [dataset.id, dataset]));
  print.result({ ...extra, runs: ended }, () => {
    print.table(outcomeColumns(print, ended, published), ended);
    for (const run of ended) printNotes(run, print);
    for (const run of ended) printRefused(run, print);
    for (const run of ended) printPin(run, published, print);
    for (const run of ended) printFiles(run, connection.exportRoot, print);
    for (const run of ended) printFailure(run, print);
  });
}

function sayDetached({ print }: Session, runs: readonly RunView[], going: readonly RunView[], extra: object): void {
  if (print.json)
    print.result({ ...extra, detached: true, runs: runs.map(({ id, dataset }) => ({ id, dataset })) }, () => undefined);
  print.note('Stopped following; the refresh goes on.');
  for (const { id, dataset } of going) {
    print.note(`${dataset}:`);
    print.note(`  look again: freshet runs ${id}`);
    print.note(`  stop it: freshet cancel ${id}`);
  }
}

const silentDisplay: ProgressDisplay = { update() {}, interject() {}, stop() {} };

import type { RunView } from '@freshet/contracts';
import { isEnded } from '@freshet/domain';
import type { Command } from 'commander';
import { Detached, EXIT, exitOf, type ExitCode } from '../exit';
import { duration } from '../output/format';
import { progressDisplay, type ProgressDisplay } from '../progress/display';
import type { Session } from '../session';
import type { Reason } from '../termination-log';
import { detaching } from './detach';
import { outcomeColumns, printFailure, printFiles, printNotes, printPin, printRefused } from './run-report';

export const waitOption = (command: Command): void =>
  void command.option(
    '--wait',
    'follow to the end; the exit code says how it ended. Ctrl-C stops following, not the run',
  );

/** Follows runs to their ends, all at the same time, and reports them. `extra` goes into the JSON result. */
export async function followRuns(session: Session, runs: readonly RunView[], extra: object = {}): Promise<ExitCode> {
  const { world, print } = session;
  const detach = detaching(world);
  const going = new Map(runs.map((run) => [run.id, run]));
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
    const ended = await Promise.all(runs.map((run) => followRun(session, run, watched, detach.signal)));
    display.stop();
    await report(session, ended, extra);
    session.reasons.push(...ended.filter(isBad).map(endOf));
    return ended.some(isBad) ? EXIT.failed : EXIT.ok;
  } catch (error) {
    display.stop();
    if (error instanceof Detached) {
      sayDetached(session, runs, [...going.values()], extra);
      session.reasons.push(...[...going.values()].map((run) => leftGoing(run, error)));
      return exitOf(error.signal);
    }
    session.reasons.push(...[...going.values()].map(lostSight));
    throw error;
  } finally {
    // One that failed ends the others' waiting too; the runs themselves go on.
    detach.end();
  }
}

function followRun(
  { client, patienceMs }: Session,
  run: RunView,
  display: ProgressDisplay,
  signal: AbortSignal,
): Promise<RunView> {
  let told = false;
  return client.waitForRun(run.id, {
    signal,
    patienceMs,
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

const isBad = ({ state }: RunView): boolean => state !== 'published' && state !== 'unchanged';

function endOf({ dataset, id, state, failure }: RunView): Reason {
  if (failure)
    return {
      what: `${dataset}: run ${id} ${state}: ${failure.code}`,
      message: failure.message,
      nextStep: failure.nextStep,
    };
  return { what: `${dataset}: run ${id} ${state}`, nextStep: `freshet runs ${id} has the details.` };
}

const leftGoing = ({ dataset, id, state }: RunView, { signal }: Detached): Reason => ({
  what: `${dataset}: stopped following run ${id} (${signal}); the run goes on and was ${state}`,
  nextStep: `freshet runs ${id} shows how it ends; freshet cancel ${id} stops it.`,
});

const lostSight = ({ dataset, id, state }: RunView): Reason => ({
  what: `${dataset}: how run ${id} ended is not known; it was ${state}`,
  nextStep: `freshet runs ${id} shows it.`,
});

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

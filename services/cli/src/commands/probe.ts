import { setMaxListeners } from 'node:events';
import type { Catalog } from '@freshet/catalog';
import type { DatasetDefinition } from '@freshet/domain';
import type { ProbeReport } from '@freshet/publisher';
import { EXIT, exitOf, type ExitCode, type Signal } from '../exit';
import type { Register } from '../program';
import type { Session } from '../session';
import { findStandalone } from '../standalone-file';

export const registerProbe = (register: Register): void =>
  register(
    'probe <source>',
    'how a publisher (bsee, eia) or one dataset (bsee.well) can be reached today, from this machine; downloads nothing',
    () => {},
    async (session, [name = '']): Promise<ExitCode> => {
      const definitions = (await definitionsHere(session)).find(name);
      session.print.note(`Asking the publisher of ${name}, one question after another; nothing is downloaded.`);
      const report = await interruptible(session, definitions);
      if (typeof report === 'string') return exitOf(report);
      // Loaded when needed: they are large, and no other command uses them.
      const { renderProbe } = await import('@freshet/publisher');
      session.print.result(report, () => session.print.line(renderProbe(report).trimEnd()));
      return report.datasets.every(({ access }) => access !== null) ? EXIT.ok : EXIT.failed;
    },
  );

/** Of the definitions here: the coordinator is not asked, so that a probe works before anything runs. */
export async function definitionsHere({ world }: Pick<Session, 'world'>): Promise<Catalog> {
  const { FRESHET_DATASETS_DIR: named, FRESHET_HOME: home } = world.environment;
  const { loadCatalog } = await import('@freshet/catalog');
  const standalone = findStandalone(home, world.cwd);
  // Those of a demo that has ended lead to a publisher that is gone.
  const extraFolder = named ?? (standalone?.running ? standalone.connection.datasetsDir : undefined);
  return loadCatalog({ extraFolder });
}

/** Of the credentials that definitions name, those that are set for this command. */
export const secretsOf = (
  { secrets }: Session['world'],
  definitions: readonly DatasetDefinition[],
): ReadonlyMap<string, string> => secrets(definitions.flatMap(({ credential }) => credential?.variable ?? []));

async function interruptible(
  { world }: Session,
  definitions: readonly DatasetDefinition[],
): Promise<ProbeReport | Signal> {
  const { probe } = await import('@freshet/publisher');
  const controller = new AbortController();
  // One listener a request, of which there are a few dozen; the signal lives no longer than the command.
  setMaxListeners(0, controller.signal);
  let interruption: Signal | undefined;
  const stopListening = world.onInterrupt((signal) => {
    interruption = signal;
    controller.abort(new Error('interrupted'));
  });
  try {
    const { signal } = controller;
    return await probe(definitions, { signal, clock: { now: world.date }, secrets: secretsOf(world, definitions) });
  } catch (error) {
    if (interruption !== undefined) return interruption;
    throw error;
  } finally {
    stopListening();
  }
}

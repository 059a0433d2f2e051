import type { DoctorCheckView } from '@freshet/contracts';
import { findPython } from '../compare/python';
import { EXIT, toProblem, type ExitCode } from '../exit';
import type { Register } from '../program';
import type { Session } from '../session';
import { publisherChecks } from './doctor-publishers';

/** Oldest Node this is tested with. */
const OLDEST_NODE = [20, 20] as const;

interface Check extends DoctorCheckView {
  readonly where: 'this machine' | 'coordinator';
}

export const registerDoctor = (register: Register): void =>
  register(
    'doctor',
    'look at everything a refresh needs, here and on the coordinator',
    (command) => void command.option('--offline', 'do not ask the publishers whether their files can be reached'),
    async (session, _, options) => {
      const [publishers, { checks: remote, exit }] = await Promise.all([
        options['offline'] === true ? [] : publisherChecks(session),
        coordinatorChecks(session),
      ]);
      const checks = [nodeCheck(), pythonCheck(session), ...publishers, ...remote];
      const { print } = session;
      print.result({ checks }, () => {
        print.table(
          [
            { title: 'where', value: ({ where }) => where },
            { title: 'check', value: ({ name }) => name },
            {
              title: 'result',
              value: verdict,
              paint: (cell, check) => print.paint(cell, check.ok ? 'good' : check.optional ? 'care' : 'bad'),
            },
            { title: 'detail', value: ({ detail }) => detail, shrinks: true },
          ],
          checks,
        );
        for (const [nextStep, names] of nextSteps(checks)) print.say(`${names.join(', ')}: ${nextStep}`);
      });
      if (exit !== EXIT.ok) return exit;
      return checks.every(({ ok, optional }) => ok || optional) ? EXIT.ok : EXIT.failed;
    },
  );

/** What to do, once for all checks that need the same. */
function nextSteps(checks: readonly Check[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { ok, name, nextStep } of checks) {
    if (ok || !nextStep) continue;
    const same = found.get(nextStep);
    if (same) same.push(name);
    else found.set(nextStep, [name]);
  }
  return found;
}

const verdict = ({ ok, optional }: Check): string => (ok ? 'ok' : optional ? 'missing' : 'FAILED');

function nodeCheck(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  return {
    where: 'this machine',
    name: 'node',
    ok,
    detail: process.versions.node,
    nextStep: `Install Node ${OLDEST_NODE.join('.')} or later.`,
  };
}

/** Only for reading .bin files and comparing them. */
function pythonCheck({ world }: Session): Check {
  const { found, reason } = findPython(world.environment.FRESHET_PYTHON, world.platform);
  return {
    where: 'this machine',
    name: 'python with pandas',
    optional: true,
    ok: found !== null,
    detail: found ? `${found.command.join(' ')}, pandas ${found.pandas}` : reason,
    nextStep: 'Needed only to read .bin files and for "freshet diff --against".',
  };
}

/** The address, then what the coordinator says about itself. */
async function coordinatorChecks(session: Session): Promise<{ checks: readonly Check[]; exit: ExitCode }> {
  const where = 'coordinator';
  try {
    const { connection, client } = session;
    const { checks } = await client.doctor();
    const address = `${connection.url} (from ${connection.file ?? connection.from})`;
    return {
      exit: EXIT.ok,
      checks: [
        { where, name: 'address and token', ok: true, detail: address },
        ...checks.map((check) => ({ ...check, where }) as const),
      ],
    };
  } catch (error) {
    const { exit, error: detail, nextStep } = toProblem(error);
    return { exit, checks: [{ where, name: 'address and token', ok: false, detail, nextStep }] };
  }
}

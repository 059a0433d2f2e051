import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { childEnvironment } from '@freshet/runtime/config';
import { writeSimulatedDefinitions } from '@freshet/testing/processes';
import {
  startBseePublisher,
  startEiaPublisher,
  type BseePublisher,
  type EiaPublisher,
} from '@freshet/testing/publishers';
import type { Arguments } from './arguments';
import type { StandaloneConfig } from './config';
import { DEMO_PUBLISHER, eiaSteps, type DemoStep } from './demo-eia';
import { Home } from './home';
import { demoHome, startStandalone, type Standalone } from './start';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

export interface Demo {
  readonly standalone: Standalone;
  /** Exit code of the refreshes. */
  readonly code: number;
  stop(): Promise<void>;
}

export interface DemoEnds {
  readonly leave: AbortSignal;
  readonly onDatabaseLost: Parameters<typeof startStandalone>[1];
}

/** Archives: all of them, and once more when nothing is new. */
const BSEE_STEPS: readonly DemoStep[] = [
  { command: ['refresh', 'bsee', '--wait'] },
  {
    say: '\nOnce more: the publisher answers that nothing has changed, and nothing is downloaded.',
    command: ['refresh', 'bsee', '--wait'],
  },
];

/**
 * Everything against simulated publishers, with no network and no account: what a person would do, command by command. The folder of
 * the demo is its own and starts empty. It ends with the first command that fails.
 *
 * @param ends `leave` ends it in order, at any moment; `onDatabaseLost` as of `startStandalone`
 * @throws what `leave` was aborted with, after everything has stopped
 */
export async function runDemo(args: Arguments, config: StandaloneConfig, ends: DemoEnds): Promise<Demo> {
  const { leave, onDatabaseLost } = ends;
  const folder = demoHome(config.FRESHET_HOME);
  new Home(folder).open();
  new Home(folder).remove();
  say('Starting a simulated BSEE, a simulated EIA, PostgreSQL and all services in one process …');
  const [bsee, eia] = await Promise.all([
    startBseePublisher({ seed: 1, scale: args.scale ?? 'demo' }),
    startEiaPublisher(DEMO_PUBLISHER),
  ]);
  let standalone: Standalone | undefined;
  const stop = async (): Promise<void> => {
    await standalone?.stop();
    await Promise.all([bsee.close(), eia.stop()]);
  };
  try {
    await bsee.prepare();
    leave.throwIfAborted();
    standalone = await startStandalone(demoConfig(config, folder, bsee, eia), onDatabaseLost);
    leave.throwIfAborted();
    say(`The publishers are at ${bsee.portalUrl} and ${eia.url},`);
    say(`Freshet at ${standalone.url} (API: ${standalone.url}/api/docs).\n`);
    let code = 0;
    for (const step of [...BSEE_STEPS, ...eiaSteps(eia, new Date())]) {
      if (step.say) say(step.say);
      step.before?.();
      code = await freshet(folder, step.command, leave);
      if (code !== 0) break;
    }
    return { standalone, code, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function demoConfig(
  config: StandaloneConfig,
  folder: string,
  bsee: BseePublisher,
  eia: EiaPublisher,
): StandaloneConfig {
  const definitions = join(folder, 'datasets');
  writeSimulatedDefinitions(definitions, bsee);
  // The simulator asks for no key, and the story fills its gap itself.
  const eiaChanges = { credential: { required: false }, timeseries: { backfill: { automatic: false } } };
  writeSimulatedDefinitions(definitions, eia, { '*': eiaChanges });
  return {
    ...config,
    FRESHET_HOME: folder,
    FRESHET_DATASETS_DIR: definitions,
    FRESHET_DATABASE_URL: undefined,
    FRESHET_LOG_LEVEL: config.FRESHET_LOG_LEVEL === 'debug' ? 'debug' : 'warn',
  };
}

/** What the command would have undone itself: the cursor hidden and the wrapping switched off while it draws bars. */
const TERMINAL_AS_BEFORE = '\u001b[?25h\u001b[?7h\n';

/**
 * Runs the real command, as a person would in another terminal. Out of reach of Ctrl-C in this one: it would say that the refresh
 * goes on, which is not so when everything stops.
 */
function freshet(folder: string, args: readonly string[], leave: AbortSignal): Promise<number> {
  say(`$ freshet ${args.join(' ')}`);
  const main = join(dirname(require.resolve('@freshet/cli-service/package.json')), 'dist', 'main.js');
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: process.platform !== 'win32',
    env: { ...childEnvironment(), FRESHET_HOME: folder },
  });
  return new Promise((settle, fail) => {
    const end = (): void => void child.kill();
    leave.addEventListener('abort', end);
    child.once('error', fail);
    child.once('exit', (code) => {
      leave.removeEventListener('abort', end);
      if (!leave.aborted) return settle(code ?? 1);
      if (process.stderr.isTTY) process.stderr.write(TERMINAL_AS_BEFORE);
      fail(leave.reason as Error);
    });
  });
}

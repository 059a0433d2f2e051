import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { childEnvironment } from '@freshet/runtime/config';
import { writeSimulatedDefinitions } from '@freshet/testing/processes';
import { startBseePublisher, type BseePublisher } from '@freshet/testing/publishers';
import type { Arguments } from './arguments';
import type { StandaloneConfig } from './config';
import { Home } from './home';
import { demoHome, startStandalone, type Standalone } from './start';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

export interface Demo {
  readonly standalone: Standalone;
  /** Exit code of the refreshes. */
  readonly code: number;
  stop(): Promise<void>;
}

/**
 * Everything against a simulated publisher, with no network and no account: a refresh of the three BSEE datasets as a person
 * would start it, and a second one that finds nothing new. The folder of the demo is its own and starts empty.
 *
 * @param leave ends it in order, at any moment
 * @throws what `leave` was aborted with, after everything has stopped
 */
export async function runDemo(args: Arguments, config: StandaloneConfig, leave: AbortSignal): Promise<Demo> {
  const folder = demoHome(config.FRESHET_HOME);
  new Home(folder).open();
  new Home(folder).remove();
  say('Starting a simulated BSEE, PostgreSQL and all services in one process …');
  const publisher = await startBseePublisher({ seed: 1, scale: args.scale ?? 'demo' });
  let standalone: Standalone | undefined;
  const stop = async (): Promise<void> => {
    await standalone?.stop();
    await publisher.close();
  };
  try {
    await publisher.prepare();
    leave.throwIfAborted();
    standalone = await startStandalone(await demoConfig(config, folder, publisher));
    leave.throwIfAborted();
    say(
      `The publisher is at ${publisher.portalUrl}, Freshet at ${standalone.url} (API: ${standalone.url}/api/docs).\n`,
    );
    const first = await freshet(folder, ['refresh', 'bsee', '--wait'], leave);
    say('\nOnce more: the publisher answers that nothing has changed, and nothing is downloaded.');
    const second = first === 0 ? await freshet(folder, ['refresh', 'bsee', '--wait'], leave) : first;
    return { standalone, code: second, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function demoConfig(
  config: StandaloneConfig,
  folder: string,
  publisher: BseePublisher,
): Promise<StandaloneConfig> {
  const definitions = join(folder, 'datasets');
  writeSimulatedDefinitions(definitions, publisher);
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

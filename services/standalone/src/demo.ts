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
 */
export async function runDemo(args: Arguments, config: StandaloneConfig): Promise<Demo> {
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
    standalone = await startStandalone(await demoConfig(config, folder, publisher));
    say(
      `The publisher is at ${publisher.portalUrl}, Freshet at ${standalone.url} (API: ${standalone.url}/api/docs).\n`,
    );
    const first = await freshet(folder, ['refresh', 'bsee', '--wait']);
    say('\nOnce more: the publisher answers that nothing has changed, and nothing is downloaded.');
    const second = first === 0 ? await freshet(folder, ['refresh', 'bsee', '--wait']) : first;
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

/** Runs the real command, as a person would in another terminal. */
function freshet(folder: string, args: readonly string[]): Promise<number> {
  say(`$ freshet ${args.join(' ')}`);
  const main = join(dirname(require.resolve('@freshet/cli-service/package.json')), 'dist', 'main.js');
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...childEnvironment(), FRESHET_HOME: folder },
  });
  return new Promise((settle, fail) => {
    child.once('error', fail);
    child.once('exit', (code) => settle(code ?? 1));
  });
}

import 'reflect-metadata';
import { FreshetError } from '@freshet/domain';
import { boundHeap, ConfigError, readConfig } from '@freshet/runtime';
import { ArgumentError, readArguments, USAGE } from './arguments';
import { standaloneSchema } from './config';
import { runDemo } from './demo';
import { HomeError } from './home';
import { Interrupted, Leaving } from './leaving';
import { PortError, startStandalone } from './start';

// One process holds what six hold in the cluster: it pays with collections for staying within the same bound.
boundHeap({ growingPercent: 70 });

const leaving = new Leaving((code) => process.exit(code));

const onDatabaseLost = (error: Error): void => leaving.fail(error.message);

async function main(): Promise<void> {
  const args = readArguments(process.argv.slice(2));
  if (args.help) {
    process.stdout.write(USAGE);
    return;
  }
  const config = readConfig(standaloneSchema);
  if (args.demo) {
    const demo = await runDemo(args, config, { leave: leaving.signal, onDatabaseLost });
    if (args.exit) {
      await demo.stop();
      process.exitCode = demo.code;
      return;
    }
    process.stdout.write(
      `\nThe demo stays until Ctrl-C. In another terminal, from this folder:\n  npx freshet status\n  npx freshet runs\n`,
    );
    leaving.by(() => demo.stop());
    return;
  }
  const standalone = await startStandalone(config, onDatabaseLost);
  process.stdout.write(
    `Freshet is at ${standalone.url} (API: ${standalone.url}/api/docs). In another terminal, from this folder:\n  npx freshet refresh bsee.well --wait\n`,
  );
  leaving.by(() => standalone.stop());
}

main().catch((error: unknown) => {
  if (error instanceof Interrupted) process.exit(leaving.code);
  if (error instanceof FreshetError) {
    process.stderr.write(`${error.message}\n${error.nextStep}\n`);
    process.exit(error.code.startsWith('definition_') ? 2 : 1);
  }
  const expected = error instanceof ArgumentError || error instanceof ConfigError;
  const known = expected || error instanceof HomeError || error instanceof PortError;
  process.stderr.write(
    `${known ? (error as Error).message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  if (error instanceof ArgumentError) process.stderr.write(`\n${USAGE}`);
  process.exit(expected ? 2 : 1);
});

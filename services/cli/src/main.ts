import { homedir } from 'node:os';
import { secretsFrom } from '@freshet/runtime/config';
import { readEnvironment } from './environment';
import { EXIT, toProblem } from './exit';
import { runCli } from './program';
import type { World } from './world';

/** A closed pipe (`freshet runs | head`) is not an error. */
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? EXIT.ok);
    throw error;
  });
}

try {
  const world: World = {
    stdout: process.stdout,
    stderr: process.stderr,
    environment: readEnvironment(),
    secrets: (variables) => secretsFrom(variables),
    cwd: process.cwd(),
    home: homedir(),
    platform: process.platform,
    now: () => performance.now(),
    date: () => new Date(),
    onInterrupt(handler) {
      process.on('SIGINT', handler);
      return () => process.off('SIGINT', handler);
    },
  };
  void runCli(process.argv.slice(2), world).then((code) => {
    process.exitCode = code;
  });
} catch (error) {
  const problem = toProblem(error);
  process.stderr.write(`freshet: ${problem.error}\n`);
  process.exitCode = problem.exit;
}

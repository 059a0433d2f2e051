import { homedir } from 'node:os';
import { secretsFrom } from '@freshet/runtime/config';
import { readEnvironment, terminationLogPath } from './environment';
import { EXIT, exitOf, toProblem, type ExitCode, type Signal } from './exit';
import { runCli } from './program';
import { writeTerminationLog, type Reason } from './termination-log';
import type { World } from './world';

/** A closed pipe (`freshet runs | head`) is not an error. */
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? EXIT.ok);
    throw error;
  });
}

/** Who wants to end in good order; without anyone a signal ends the process, which it would not by itself as process 1 of a container. */
const handlers = new Set<(signal: Signal) => void>();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    for (const handler of handlers) handler(signal);
    if (handlers.size === 0)
      end(exitOf(signal), { what: `freshet was stopped by ${signal} before it had started anything` });
  });
}

function end(code: ExitCode, reason: Reason): never {
  const path = terminationLogPath();
  if (path !== undefined) writeTerminationLog(path, [reason]);
  process.exit(code);
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
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
  };
  void runCli(process.argv.slice(2), world).then((code) => {
    // A request that nobody waits for any more would keep the process.
    if (code === EXIT.interrupted || code === EXIT.terminated) process.exit(code);
    process.exitCode = code;
  });
} catch (error) {
  const problem = toProblem(error);
  process.stderr.write(`freshet: ${problem.error}\n`);
  end(problem.exit, { what: `freshet: ${problem.error}`, nextStep: problem.nextStep });
}

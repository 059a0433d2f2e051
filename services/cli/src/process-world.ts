import { homedir } from 'node:os';
import { secretsFrom } from '@freshet/runtime/config';
import { readEnvironment, terminationLogPath } from './environment';
import { EXIT, exitOf, toProblem, type ExitCode, type Signal } from './exit';
import { writeTerminationLog, type Reason } from './termination-log';
import type { World } from './world';

/** Handlers of signals while something wants to end in good order. */
const handlers = new Set<(signal: Signal) => void>();

/** Runs `command` as this process: with its streams, environment and signals, and ends with the exit code that it gives. */
export function runProcess(command: (world: World) => Promise<ExitCode>): void {
  // A closed pipe (`freshet runs | head`) is not an error.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(process.exitCode ?? EXIT.ok);
      throw error;
    });
  }
  // Process 1 of a container is not ended by a signal that it does not handle.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      for (const handler of handlers) handler(signal);
      if (handlers.size === 0)
        end(exitOf(signal), { what: `freshet: stopped by ${signal} before anything was started` });
    });
  }
  try {
    void command(processWorld()).then((code) => {
      // A request that nothing waits for any more would keep the process.
      if (code === EXIT.interrupted || code === EXIT.terminated) process.exit(code);
      process.exitCode = code;
    });
  } catch (error) {
    const problem = toProblem(error);
    process.stderr.write(`freshet: ${problem.error}\n`);
    end(problem.exit, { what: `freshet: ${problem.error}`, nextStep: problem.nextStep });
  }
}

/** @throws ConfigError */
const processWorld = (): World => ({
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
});

function end(code: ExitCode, reason: Reason): never {
  const path = terminationLogPath();
  if (path !== undefined) writeTerminationLog(path, [reason]);
  process.exit(code);
}

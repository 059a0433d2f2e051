import type { Sleep } from '@freshet/client';
import type { Environment } from './environment';
import type { Signal } from './exit';

export interface Output {
  write(text: string): unknown;
  readonly isTTY: boolean;
  /** Width of the terminal in characters; undefined when there is none. */
  readonly columns?: number;
}

/** Everything the command touches besides the coordinator, so that tests decide it. */
export interface World {
  readonly stdout: Output;
  readonly stderr: Output & NodeJS.WritableStream;
  readonly environment: Environment;
  /** Values of secrets that definitions name by variable; what is not set is left out. @throws ConfigError */
  readonly secrets: (variables: readonly string[]) => ReadonlyMap<string, string>;
  readonly cwd: string;
  readonly home: string;
  readonly platform: NodeJS.Platform;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** The wall clock. */
  readonly date: () => Date;
  /** Calls `handler` on Ctrl-C and SIGTERM until the returned function is called. */
  readonly onInterrupt: (handler: (signal: Signal) => void) => () => void;
  readonly sleep?: Sleep;
  /** How the user calls this command; `freshet` when absent. */
  readonly program?: string;
  /** What FRESHET_URL leads to, when that is a forwarded port of this machine and the coordinator is not on it. */
  readonly remote?: string;
}

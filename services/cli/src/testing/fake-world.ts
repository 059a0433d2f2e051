import { Writable } from 'node:stream';
import type { Environment } from '../environment';
import type { Signal } from '../exit';
import type { World } from '../world';

export interface FakeWorld extends World {
  readonly out: () => string;
  readonly err: () => string;
  readonly interrupt: (signal?: Signal) => void;
}

class Captured extends Writable {
  text = '';
  constructor(
    readonly isTTY: boolean,
    readonly columns: number | undefined,
  ) {
    super({ decodeStrings: false });
  }
  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

export function fakeWorld(
  environment: Environment,
  options: { terminal?: number; cwd?: string; interruptAfter?: number } = {},
): FakeWorld {
  const tty = options.terminal !== undefined;
  const stdout = new Captured(tty, options.terminal);
  const stderr = new Captured(tty, options.terminal);
  let time = 0;
  let handler: ((signal: Signal) => void) | undefined;
  return {
    stdout,
    stderr,
    environment,
    secrets: () => new Map(),
    cwd: options.cwd ?? '/nowhere',
    home: '/home/somebody',
    platform: 'linux',
    now: () => (time += 1000),
    date: () => new Date('2026-11-20T10:00:00Z'),
    onInterrupt: (given) => {
      handler = given;
      return () => (handler = undefined);
    },
    sleep: async (_ms, signal) => {
      signal?.throwIfAborted();
    },
    out: () => stdout.text,
    err: () => stderr.text,
    interrupt: (signal = 'SIGINT') => handler?.(signal),
  };
}

import { Writable } from 'node:stream';
import { runCli, type World } from '@freshet/cli-service';
import { secretsFrom } from '@freshet/runtime/config';

class Captured extends Writable {
  readonly isTTY = false;
  text = '';
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/**
 * The command in this process, as in a shell without a terminal.
 *
 * @param date the wall clock; that of what the command talks to, where this has one of its own
 */
export async function freshet(
  line: string,
  environment: World['environment'],
  secrets: Readonly<Record<string, string>> = {},
  date: World['date'] = () => new Date(),
): Promise<{ code: number; out: string; err: string }> {
  const [stdout, stderr] = [new Captured(), new Captured()];
  const world: World = {
    stdout,
    stderr,
    environment,
    secrets: (variables) => secretsFrom(variables, secrets),
    cwd: '/',
    home: '/',
    platform: 'linux',
    now: () => performance.now(),
    date,
    onInterrupt: () => () => undefined,
  };
  return { code: await runCli(line.split(' '), world), out: stdout.text, err: stderr.text };
}

import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface State {
  /** Where its port-forward leads. */
  readonly target: number;
  /** `get` arguments, without flags, to what is printed. */
  readonly objects: Readonly<Record<string, unknown>>;
  /** `get` arguments, without flags, to what is said on standard error; by default nothing is found. */
  readonly errors: Readonly<Record<string, string>>;
  readonly contexts: readonly string[];
}

/** A program that answers as kubectl does, as far as a test says; its port-forward is a real listener. */
export class FakeKubectl {
  readonly program: string;
  private readonly file: string;
  private state: State = { target: 0, objects: {}, errors: {}, contexts: [] };

  constructor(private readonly folder: string) {
    this.program = join(folder, 'kubectl');
    this.file = join(folder, 'kubectl.json');
    writeFileSync(this.program, `#!${process.execPath}\n(${SCRIPT.toString()})(${JSON.stringify(folder)})\n`);
    chmodSync(this.program, 0o755);
  }

  set(state: Partial<State>): this {
    this.state = { ...this.state, ...state };
    writeFileSync(this.file, JSON.stringify(this.state));
    return this;
  }

  /** Arguments of every call so far. */
  get calls(): ReadonlyArray<readonly string[]> {
    const log = join(this.folder, 'calls');
    return existsSync(log)
      ? readFileSync(log, 'utf8')
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as string[])
      : [];
  }

  /** Process ids of all port-forwards so far, the newest last. */
  get forwards(): readonly number[] {
    const log = join(this.folder, 'forwards');
    return existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').map(Number) : [];
  }
}

/** Runs in a process of its own, so it can use nothing from outside. */
const SCRIPT = (folder: string): void => {
  /* eslint-disable @typescript-eslint/no-require-imports */
  const fs = require('node:fs') as typeof import('node:fs');
  const net = require('node:net') as typeof import('node:net');
  const argv = process.argv.slice(2);
  fs.appendFileSync(`${folder}/calls`, `${JSON.stringify(argv)}\n`);
  const state = JSON.parse(fs.readFileSync(`${folder}/kubectl.json`, 'utf8')) as {
    target: number;
    objects: Record<string, unknown>;
    errors: Record<string, string>;
    contexts: string[];
  };
  const fail = (text: string): void => {
    process.stderr.write(`${text}\n`);
    process.exitCode = 1;
  };
  if (argv[0] === 'config') {
    process.stdout.write(state.contexts.map((name) => `${name}\n`).join(''));
  } else if (argv[0] === 'get') {
    const what = argv.slice(1, argv.indexOf('-o')).join(' ');
    if (state.errors[what] !== undefined) fail(state.errors[what]);
    else if (state.objects[what] !== undefined) process.stdout.write(JSON.stringify(state.objects[what]));
    else fail(`Error from server (NotFound): ${what} not found`);
  } else if (argv[0] === 'port-forward') {
    const local = Number((argv[2] ?? '').split(':')[0]);
    const server = net.createServer((near) => {
      const far = net.connect(state.target, '127.0.0.1');
      near.pipe(far).pipe(near);
      near.on('error', () => far.destroy());
      far.on('error', () => near.destroy());
    });
    server.listen(local, '127.0.0.1', () => {
      fs.appendFileSync(`${folder}/forwards`, `${process.pid}\n`);
      const { port } = server.address() as import('node:net').AddressInfo;
      process.stdout.write(`Forwarding from 127.0.0.1:${port} -> 8080\n`);
    });
  }
};

import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

const MAX_OUTPUT = 64 << 20;

export class CommandError extends Error {
  constructor(
    readonly command: string,
    readonly code: number | string | null,
    readonly stderr: string,
    readonly stdout: string,
  ) {
    super(`${command} ended with ${String(code)}: ${stderr.trim() || stdout.trim()}`);
  }
}

export interface CommandOptions {
  readonly input?: string;
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Standard output of a command. @throws CommandError when it fails, or takes longer than allowed (two minutes unless told otherwise) */
export function run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { input, timeoutMs = 120_000, env = {}, cwd } = options;
  return new Promise((resolve, reject) => {
    const child = execFile(
      command,
      [...args],
      { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: MAX_OUTPUT, env: { ...process.env, ...env }, cwd },
      (error, stdout, stderr) =>
        error
          ? reject(
              new CommandError(
                `${command} ${args.join(' ')}`,
                error.killed ? 'timeout' : (error.code ?? null),
                stderr,
                stdout,
              ),
            )
          : resolve(stdout),
    );
    child.stdin?.end(input ?? '');
  });
}

export interface KubernetesObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
}

export interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly state: {
    readonly terminated?: Terminated;
    readonly running?: object;
    readonly waiting?: { readonly reason: string };
  };
  readonly lastState: { readonly terminated?: Terminated };
}

export interface Terminated {
  readonly exitCode: number;
  readonly reason: string;
  readonly message?: string;
}

export interface Pod extends KubernetesObject {
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly phase: string;
    readonly podIP?: string;
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly conditions?: ReadonlyArray<{ readonly type: string; readonly status: string }>;
  };
}

export interface Job extends KubernetesObject {
  readonly status: {
    readonly active?: number;
    readonly succeeded?: number;
    readonly failed?: number;
    readonly conditions?: ReadonlyArray<{ readonly type: string; readonly status: string; readonly reason?: string }>;
  };
}

/** `kubectl` in one namespace, as a person uses it. */
export class Kubectl {
  constructor(readonly namespace: string) {}

  run(args: readonly string[], options?: CommandOptions): Promise<string> {
    return run('kubectl', ['--namespace', this.namespace, ...args], options);
  }

  /** Applies manifests; objects of other namespaces, and of none, may be among them. */
  apply(manifests: string): Promise<string> {
    return this.run(['apply', '-f', '-'], { input: manifests });
  }

  async list<T extends KubernetesObject>(kind: string, selector?: string): Promise<T[]> {
    const args = ['get', kind, '-o', 'json', ...(selector === undefined ? [] : ['-l', selector])];
    return (JSON.parse(await this.run(args)) as { items: T[] }).items;
  }

  async get<T extends KubernetesObject>(kind: string, name: string): Promise<T> {
    return JSON.parse(await this.run(['get', kind, name, '-o', 'json'])) as T;
  }

  /** Returns once `kubectl rollout status` says that all replicas are there and ready. */
  async rolledOut(workload: string, timeoutSeconds = 180): Promise<void> {
    await this.run(['rollout', 'status', workload, `--timeout=${timeoutSeconds}s`], {
      timeoutMs: (timeoutSeconds + 10) * 1_000,
    });
  }

  /** Everything a person would look at first when something hangs; never throws. */
  async describe(): Promise<string> {
    const parts = await Promise.all(
      [
        ['get', 'pods,jobs,cronjobs', '-o', 'wide'],
        ['get', 'events', '--sort-by=.lastTimestamp'],
      ].map((args) => this.run(args).catch((error: unknown) => String(error))),
    );
    return parts.map((part) => part.split('\n').slice(-60).join('\n')).join('\n');
  }
}

/** Asks until the answer is something, and says what it waited for when it gives up. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | null | undefined | false>,
  timeoutMs = 60_000,
  everyMs = 250,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline)
      throw new Error(`not within ${timeoutMs / 1_000} s: ${what}${last === undefined ? '' : ` (${String(last)})`}`);
    await delay(everyMs);
  }
}

/** A port of this machine that leads to a Service or a pod, also after the pod behind it was replaced. */
export class PortForward {
  private child: ChildProcess | undefined;
  private closed = false;

  private constructor(
    private readonly kubectl: Kubectl,
    private readonly target: string,
    private readonly remotePort: number,
    readonly port: number,
  ) {}

  static async open(kubectl: Kubectl, target: string, remotePort: number, port: number): Promise<PortForward> {
    const forward = new PortForward(kubectl, target, remotePort, port);
    await forward.connect();
    return forward;
  }

  close(): void {
    this.closed = true;
    this.child?.kill('SIGKILL');
  }

  private connect(): Promise<void> {
    const args = ['-n', this.kubectl.namespace, 'port-forward', this.target, `${this.port}:${this.remotePort}`];
    return eventually(
      `port-forward to ${this.target}`,
      () =>
        new Promise<boolean>((resolve) => {
          if (this.closed) return resolve(true);
          const child = spawn('kubectl', args, { stdio: ['ignore', 'pipe', 'ignore'] });
          this.child = child;
          child.stdout.once('data', () => {
            child.stdout.resume();
            resolve(true);
          });
          child.once('error', () => resolve(false));
          child.once('exit', () => {
            resolve(false);
            if (this.child === child && !this.closed) this.reconnect();
          });
        }),
      120_000,
    ).then(() => undefined);
  }

  private reconnect(): void {
    this.child = undefined;
    setTimeout(() => {
      if (!this.closed && this.child === undefined) void this.connect().catch(() => undefined);
    }, 200).unref();
  }
}

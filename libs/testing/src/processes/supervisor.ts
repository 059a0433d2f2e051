import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SupervisedProcess } from './supervised-process';

/** `libs/testing/{src,dist}/processes` → the repository. */
const ROOT = resolve(__dirname, '..', '..', '..', '..');

export interface ServiceProcess {
  /** Folder under `services/`. */
  readonly service: string;
  /** The service's name unless several run. */
  readonly name?: string;
  readonly httpPort: number;
  readonly env: Readonly<Record<string, string>>;
  /** Options of node itself, for example `--max-old-space-size=128`. */
  readonly nodeArgs?: readonly string[];
}

/** Runs built services as processes, and starts them again when they end, as Kubernetes would. */
export class ProcessSupervisor {
  private readonly processes = new Map<string, SupervisedProcess>();
  private readonly onExit = (): void => {
    for (const process of this.processes.values()) process.kill('SIGKILL');
  };

  /** @param logFolder gets one file a process, appended over restarts. */
  constructor(readonly logFolder: string) {
    mkdirSync(logFolder, { recursive: true });
    process.once('exit', this.onExit);
  }

  get names(): readonly string[] {
    return [...this.processes.keys()];
  }

  /** Starts it and returns at once; see `ready`. Needs `services/<service>/dist/main.js`: build first. */
  start({ service, name = service, httpPort, env, nodeArgs = [] }: ServiceProcess): SupervisedProcess {
    if (this.processes.has(name)) throw new Error(`a process called "${name}" is running already`);
    const supervised = new SupervisedProcess({
      name,
      command: process.execPath,
      args: [...nodeArgs, join(ROOT, 'services', service, 'dist', 'main.js')],
      env: { PATH: process.env['PATH'] ?? '', ...env, FRESHET_HTTP_PORT: String(httpPort) },
      httpPort,
      logFile: join(this.logFolder, `${name}.log`),
    });
    this.processes.set(name, supervised);
    supervised.start();
    return supervised;
  }

  get(name: string): SupervisedProcess {
    const found = this.processes.get(name);
    if (!found) throw new Error(`no process called "${name}"; there are: ${this.names.join(', ')}`);
    return found;
  }

  async ready(timeoutMs?: number): Promise<void> {
    await Promise.all([...this.processes.values()].map((process) => process.ready(timeoutMs)));
  }

  /** SIGKILL, unless told otherwise. */
  kill(name: string, signal: NodeJS.Signals = 'SIGKILL'): boolean {
    return this.get(name).kill(signal);
  }

  peakRss(): Record<string, number> {
    return Object.fromEntries([...this.processes].map(([name, process]) => [name, process.peakRssBytes]));
  }

  /** Processor time since each was started last, in seconds. */
  cpuSeconds(): Record<string, number> {
    return Object.fromEntries([...this.processes].map(([name, process]) => [name, process.cpuSeconds]));
  }

  /** Ends that nobody asked for. */
  crashes(): Array<{ name: string; code: number | null; signal: string | null; at: Date }> {
    return [...this.processes].flatMap(([name, { exits }]) =>
      exits.filter(({ wanted }) => !wanted).map(({ code, signal, at }) => ({ name, code, signal, at })),
    );
  }

  /** All at once. Names of the processes that had to be killed. */
  async stop(graceMs?: number): Promise<string[]> {
    process.off('exit', this.onExit);
    const results = await Promise.all(
      [...this.processes].map(async ([name, process]) => ({ name, orderly: await process.stop(graceMs) })),
    );
    this.processes.clear();
    return results.filter(({ orderly }) => !orderly).map(({ name }) => name);
  }
}

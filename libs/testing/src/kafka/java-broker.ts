import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kafkaJars, run } from './jars';
import { brokerAnswers } from './readiness';

const START_TIMEOUT_MS = 90_000;
const STOP_TIMEOUT_MS = 15_000;
const HEAP = '-Xmx320m';
/** Starts in about half the time, at the cost of peak throughput that tests do not need. */
const JVM = [HEAP, '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto', '-Djava.awt.headless=true'];

/** A UUID as Kafka writes it. One that begins with a hyphen would be taken for an option. */
export function newClusterId(random: (bytes: number) => Buffer = randomBytes): string {
  for (;;) {
    const id = random(16).toString('base64url');
    if (!id.startsWith('-')) return id;
  }
}

/** Listeners besides the plain one: whole lines of settings, `listeners`-like ones merged into those there are. */
export interface MoreListeners {
  readonly properties: string;
  /** Arguments of `kafka.tools.StorageTool format`. */
  readonly format: readonly string[];
}

/** A setting that stands twice is a list in two parts. */
function withListeners(base: string, { properties: more }: MoreListeners): string {
  const lines = new Map<string, string>();
  for (const line of `${base}\n${more}`.split('\n')) {
    const [name, value] = [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)];
    if (line.includes('=')) lines.set(name, lines.has(name) ? `${lines.get(name)},${value}` : value);
  }
  return [...lines].map(([name, value]) => `${name}=${value}`).join('\n');
}

/** One Kafka node (broker and controller in one process, KRaft) of the jars of Maven Central, with its data in a temporary folder. */
export class JavaBroker {
  private child: ChildProcess | null = null;
  private output = '';
  private readonly onExit = (): void => void this.child?.kill('SIGKILL');

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly jars: string,
  ) {}

  static async start(version: string, more: MoreListeners = { properties: '', format: [] }): Promise<JavaBroker> {
    const jars = await kafkaJars(version);
    const folder = mkdtempSync(join(tmpdir(), 'freshet-kafka-'));
    const [port = 0, controllerPort = 0] = await freePorts(2);
    writeFileSync(join(folder, 'server.properties'), withListeners(properties(folder, port, controllerPort), more));
    const broker = new JavaBroker(port, folder, jars);
    try {
      const config = join(folder, 'server.properties');
      await run('java', [
        ...JVM,
        '-cp',
        join(jars, '*'),
        'kafka.tools.StorageTool',
        'format',
        '-t',
        newClusterId(),
        '-c',
        config,
        ...more.format,
      ]);
      await broker.launch();
      return broker;
    } catch (error) {
      await broker.stop();
      throw error;
    }
  }

  get brokers(): string[] {
    return [`127.0.0.1:${this.port}`];
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  /** Same port, same data; a broker that still runs is stopped first. */
  async restart(): Promise<void> {
    await this.end('SIGTERM');
    await this.launch();
  }

  private async launch(): Promise<void> {
    const logging = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-Dorg.slf4j.simpleLogger.showDateTime=true'];
    const args = [
      ...JVM,
      ...logging,
      '-cp',
      join(this.jars, '*'),
      'kafka.Kafka',
      join(this.folder, 'server.properties'),
    ];
    const child = spawn('java', args, { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    process.once('exit', this.onExit);
    const keep = (data: Buffer): void => void (this.output = (this.output + data.toString()).slice(-16_000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await brokerAnswers(this.brokers))) {
      if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
        throw new Error(`the Kafka broker did not start:\n${this.output}`);
      }
    }
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child;
    this.child = null;
    process.removeListener('exit', this.onExit);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(signal);
    const hard = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(hard);
  }
}

/** Small on purpose: one node, few internal partitions, no delay before a group's first assignment. */
const properties = (folder: string, port: number, controllerPort: number): string => `
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs=${join(folder, 'data').replace(/\\/g, '/')}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=4194304
num.network.threads=2
num.io.threads=4
background.threads=2
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
`;

export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

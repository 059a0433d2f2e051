import { createServer } from 'node:net';
import { run } from './jars';
import { brokerAnswers } from './readiness';

const START_TIMEOUT_MS = 120_000;

/** The official image `apache/kafka`, one node in KRaft mode, published on a free port of the loopback address. */
export class DockerBroker {
  private constructor(
    readonly port: number,
    private readonly container: string,
  ) {}

  static async start(version: string): Promise<DockerBroker> {
    const port = await freePort();
    const settings = {
      KAFKA_NODE_ID: '1',
      KAFKA_PROCESS_ROLES: 'broker,controller',
      KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
      KAFKA_LISTENERS: 'PLAINTEXT://:9092,CONTROLLER://:9093',
      KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${port}`,
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
      KAFKA_HEAP_OPTS: '-Xmx320m',
    };
    const environment = Object.entries(settings).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
    const output = await run('docker', [
      'run',
      '-d',
      '-p',
      `127.0.0.1:${port}:9092`,
      ...environment,
      `apache/kafka:${version}`,
    ]);
    const broker = new DockerBroker(port, output.trim().split('\n').at(-1) ?? '');
    try {
      await broker.untilReady();
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
    await run('docker', ['rm', '-f', '-v', this.container]);
  }

  async kill(): Promise<void> {
    await run('docker', ['kill', '--signal', 'KILL', this.container]);
  }

  async restart(): Promise<void> {
    await run('docker', ['restart', this.container]);
    await this.untilReady();
  }

  private async untilReady(): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await brokerAnswers(this.brokers))) {
      if (Date.now() > deadline) {
        throw new Error(
          `the Kafka container did not start:\n${await run('docker', ['logs', '--tail', '50', this.container])}`,
        );
      }
    }
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

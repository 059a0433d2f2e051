/**
 * A real Kafka for tests. In this order: the one that `FRESHET_KAFKA_BROKERS` names, a container, a process of the jars of
 * Maven Central (Java 17 and Maven).
 */
import { spawnSync } from 'node:child_process';
import { DockerBroker } from './docker-broker';
import { JavaBroker } from './java-broker';

export { SecureBroker, type SecureUser } from './secure-broker';

/** The newest release that Java 17 runs. */
export const KAFKA_4 = '4.3.1';
/** On demand: `startKafka({ version: KAFKA_3 })`, or `FRESHET_TEST_KAFKA_VERSION=3.9.2` for every test. */
export const KAFKA_3 = '3.9.2';

export interface RunningKafka {
  readonly brokers: readonly string[];
  /** `unknown` for a broker of `FRESHET_KAFKA_BROKERS`. */
  readonly version: string;
  /** False for a broker of `FRESHET_KAFKA_BROKERS`: then `kill` and `restart` throw, and `stop` leaves it alone. */
  readonly ownsBroker: boolean;
  /** Stops it and removes its data. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again with the same port and data; stops it first when it is running. */
  restart(): Promise<void>;
}

export interface KafkaOptions {
  readonly version?: string;
}

export type KafkaProvider = 'given' | 'docker' | 'java';

let provider: KafkaProvider | null | undefined;

/** How a broker can be had here; null when it cannot. */
export function kafkaProvider(): KafkaProvider | null {
  if (provider === undefined) provider = findProvider();
  return provider;
}

/** @throws Error when there is no way to have a broker; `describeWithKafka` asks first. */
export async function startKafka(options: KafkaOptions = {}): Promise<RunningKafka> {
  const version = options.version ?? process.env['FRESHET_TEST_KAFKA_VERSION'] ?? KAFKA_4;
  switch (kafkaProvider()) {
    case 'given':
      return givenBroker((process.env['FRESHET_KAFKA_BROKERS'] ?? '').split(',').map((broker) => broker.trim()));
    case 'docker':
      return owned(await DockerBroker.start(version), version);
    case 'java':
      return owned(await JavaBroker.start(version), version);
    default:
      throw new Error(WITHOUT);
  }
}

const WITHOUT = 'no Kafka for tests: set FRESHET_KAFKA_BROKERS, or have Docker, or Java 17 and Maven';

/**
 * A `describe` with a broker, started before and stopped after its tests. Where none can be had the tests are skipped, which
 * is said loudly; with `CI=true` that is a failure.
 */
export function describeWithKafka(
  name: string,
  tests: (kafka: () => RunningKafka) => void,
  options: KafkaOptions = {},
): void {
  if (kafkaProvider() === null) {
    if (process.env['CI'] === 'true') {
      describe(name, () => {
        it('has a broker', () => {
          throw new Error(WITHOUT);
        });
      });
      return;
    }
    process.stderr.write(`\n*** SKIPPED: ${name}: ${WITHOUT}\n\n`);
    describe.skip(name, () => tests(unavailable));
    return;
  }
  describe(name, () => {
    let kafka: RunningKafka | undefined;
    beforeAll(async () => {
      kafka = await startKafka(options);
    }, 10 * 60_000);
    afterAll(() => kafka?.stop(), 60_000);
    tests(() => kafka ?? unavailable());
  });
}

/** Like `describe`, for tests that start brokers of the jars with settings of their own. */
export function describeWithJavaKafka(name: string, tests: () => void): void {
  if (hasJava()) return describe(name, tests);
  const without = 'no Kafka with listeners of its own: have Java 17 and Maven';
  if (process.env['CI'] === 'true') {
    describe(name, () => {
      it('has Java and Maven', () => {
        throw new Error(without);
      });
    });
    return;
  }
  process.stderr.write(`\n*** SKIPPED: ${name}: ${without}\n\n`);
  describe.skip(name, tests);
}

function unavailable(): never {
  throw new Error('the broker is not started yet: use it inside a test or a hook');
}

function findProvider(): KafkaProvider | null {
  if (process.env['FRESHET_KAFKA_BROKERS']) return 'given';
  if (works('docker', 'info')) return 'docker';
  return hasJava() ? 'java' : null;
}

const hasJava = (): boolean => works('java', '-version') && works('mvn', '-version');

const works = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore', timeout: 20_000 }).status === 0;

const owned = (broker: JavaBroker | DockerBroker, version: string): RunningKafka => ({
  brokers: broker.brokers,
  version,
  ownsBroker: true,
  stop: () => broker.stop(),
  kill: () => broker.kill(),
  restart: () => broker.restart(),
});

function givenBroker(brokers: readonly string[]): RunningKafka {
  const refuse = async (): Promise<never> => {
    throw new Error('this broker is not ours to stop; unset FRESHET_KAFKA_BROKERS to run this test');
  };
  return { brokers, version: 'unknown', ownsBroker: false, stop: async () => {}, kill: refuse, restart: refuse };
}

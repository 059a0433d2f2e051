import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KafkaMessaging, kafkaOptions, type KafkaMessagingOptions } from '@freshet/messaging';
import { clusterVariables, readConfig } from '@freshet/runtime';
import { KAFKA_4, SecureBroker, TestAuthority, describeWithJavaKafka } from '@freshet/testing';
import { z } from 'zod';

const USER = { username: 'freshet', password: 'correct-horse' };
const TOPIC = 'freshet.test.security.v1';

describeWithJavaKafka('Kafka with TLS and SASL', () => {
  jest.setTimeout(180_000);
  const folder = mkdtempSync(join(tmpdir(), 'freshet-kafka-security-'));
  const authority = new TestAuthority('brokers');
  const stranger = new TestAuthority('stranger');
  let broker: SecureBroker;

  beforeAll(async () => {
    broker = await SecureBroker.start(process.env['FRESHET_TEST_KAFKA_VERSION'] ?? KAFKA_4, authority, USER);
  }, 300_000);
  afterAll(async () => {
    await broker?.stop();
    for (const each of [authority, stranger]) each.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  /** As a service reads them. */
  const optionsOf = (brokers: readonly string[], environment: Record<string, string>): KafkaMessagingOptions => ({
    ...kafkaOptions(readConfig(z.object(clusterVariables), { FRESHET_KAFKA_BROKERS: brokers.join(), ...environment })),
    topics: [TOPIC],
    deadLetterTopic: TOPIC,
  });
  const trusting = (): Record<string, string> => ({
    FRESHET_KAFKA_TLS: 'true',
    FRESHET_KAFKA_CA_FILE: file('ca.pem', authority.cert),
  });
  const sasl = (mechanism: string, password = USER.password): Record<string, string> => ({
    FRESHET_KAFKA_SASL_MECHANISM: mechanism,
    FRESHET_KAFKA_USERNAME: USER.username,
    FRESHET_KAFKA_PASSWORD_FILE: file('password', password),
  });

  async function roundTrip(options: KafkaMessagingOptions, group: string): Promise<string> {
    const messaging = new KafkaMessaging(options);
    await messaging.start();
    try {
      const text = `hello from ${group}`;
      const received = new Promise<string>((resolve) => {
        void messaging.subscribe({ topic: TOPIC, group, maxInFlight: 1 }, async ({ value }) => {
          if (value.toString() === text) resolve(text);
        });
      });
      await messaging.publish({ topic: TOPIC, key: group, value: Buffer.from(text) });
      return await received;
    } finally {
      await messaging.stop();
    }
  }

  it.each(['plain', 'scram-sha-512'])('produces and consumes as a user of %s', async (mechanism) => {
    const options = optionsOf(broker.sasl, { ...trusting(), ...sasl(mechanism) });
    expect(await roundTrip(options, mechanism)).toBe(`hello from ${mechanism}`);
  });

  it('produces and consumes with a certificate of its own', async () => {
    const { cert, key } = authority.issue('freshet');
    const options = optionsOf(broker.mutual, {
      ...trusting(),
      FRESHET_KAFKA_CERT_FILE: file('cert.pem', cert),
      FRESHET_KAFKA_KEY_FILE: file('key.pem', key),
    });
    expect(await roundTrip(options, 'mutual')).toBe('hello from mutual');
  });

  async function refusal(brokers: readonly string[], environment: Record<string, string>) {
    const messaging = new KafkaMessaging({ ...optionsOf(brokers, environment), startTimeoutMs: 0 });
    const error = await messaging.start().then(
      () => null,
      (caught: unknown) => caught as { code: string; message: string; nextStep: string },
    );
    await messaging.stop();
    return { code: error?.code, message: error?.message ?? '', nextStep: error?.nextStep ?? '' };
  }

  it.each(['plain', 'scram-sha-512'])(
    'says that the password of %s is wrong, and does not repeat it',
    async (mechanism) => {
      const said = await refusal(broker.sasl, { ...trusting(), ...sasl(mechanism, 'wrong-donkey') });
      expect(said).toMatchObject({
        code: 'dependency_unavailable',
        message: expect.stringContaining(`refuse the user freshet (${mechanism})`),
        nextStep: expect.stringContaining('FRESHET_KAFKA_PASSWORD'),
      });
      expect(JSON.stringify(said)).not.toContain('wrong-donkey');
    },
  );

  it('says that a mechanism is not offered', async () => {
    const said = await refusal(broker.sasl, { ...trusting(), ...sasl('scram-sha-256') });
    expect(said.message).toContain('do not offer the SASL mechanism scram-sha-256');
    expect(said.nextStep).toContain('FRESHET_KAFKA_SASL_MECHANISM');
  });

  it('does not trust an unknown authority, and says which setting names it', async () => {
    const other = { FRESHET_KAFKA_TLS: 'true', FRESHET_KAFKA_CA_FILE: file('other.pem', stranger.cert) };
    for (const environment of [other, { FRESHET_KAFKA_TLS: 'true' }]) {
      const said = await refusal(broker.sasl, { ...environment, ...sasl('plain') });
      expect(said.message).toContain('signed by an authority that is not trusted here');
      expect(said.nextStep).toContain('FRESHET_KAFKA_CA_FILE');
    }
  });

  it('says that a certificate of the client is missing', async () => {
    const said = await refusal(broker.mutual, trusting());
    expect(said.message).toContain("ask for a client's certificate");
    expect(said.nextStep).toContain('FRESHET_KAFKA_CERT_FILE');
  });

  it('says that TLS meets a plain listener, and that a listener with TLS needs TLS', async () => {
    expect((await refusal(broker.plaintext, trusting())).message).toContain('do not speak TLS on this port');
    expect((await refusal(broker.sasl, {})).nextStep).toContain('FRESHET_KAFKA_TLS=true');
  });

  it('names the topics that are missing where it is told not to make them, and makes them as told otherwise', async () => {
    const options = optionsOf(broker.plaintext, {
      FRESHET_KAFKA_CREATE_TOPICS: 'false',
      FRESHET_KAFKA_PARTITIONS: '3',
      FRESHET_KAFKA_REPLICATION: '1',
    });
    const topics = ['freshet.test.absent.v1'];
    const absent = new KafkaMessaging({ ...options, topics, startTimeoutMs: 0 });
    await expect(absent.start()).rejects.toMatchObject({
      message: expect.stringContaining('freshet.test.absent.v1'),
      nextStep: expect.stringContaining('docs/reference/kafka.md'),
    });
    await absent.stop();
    const waiting = new KafkaMessaging({ ...options, topics, startTimeoutMs: 60_000 });
    const started = waiting.start();
    const making = new KafkaMessaging({ ...options, topics, createTopics: true });
    await making.start();
    await started;
    await Promise.all([making.stop(), waiting.stop()]);
    const { Kafka, logLevel } = await import('kafkajs');
    const admin = new Kafka({ brokers: [...broker.plaintext], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const { topics: found } = await admin.fetchTopicMetadata({ topics });
    await admin.disconnect();
    expect(found[0]?.partitions).toHaveLength(3);
  });
});

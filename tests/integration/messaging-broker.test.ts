import { describeWithKafka } from '@freshet/testing';
import { Kafka, logLevel } from 'kafkajs';

/** The broker that other tests stand on: it comes back with its port and its data. */
describeWithKafka('the test broker', (kafka) => {
  const client = () =>
    new Kafka({ brokers: [...kafka().brokers], logLevel: logLevel.NOTHING, retry: { retries: 0 } }).admin();
  const topics = async (): Promise<string[]> => {
    const admin = client();
    await admin.connect();
    try {
      return await admin.listTopics();
    } finally {
      await admin.disconnect();
    }
  };

  it('keeps its data when it is killed and started again', async () => {
    if (!kafka().ownsBroker) return;
    const admin = client();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 1, replicationFactor: 1 }] });
    await admin.disconnect();
    await kafka().kill();
    await expect(topics()).rejects.toThrow();
    await kafka().restart();
    expect(await topics()).toContain('kept');
  }, 120_000);
});

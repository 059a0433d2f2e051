import { FreshetError } from '@freshet/domain';
import type { Admin, Kafka } from 'kafkajs';
import type { KafkaSettings } from './options';

/** A dead letter is the message and what happened to it: its topic must take what the others take, and that. */
const DEAD_LETTER_HEADROOM_BYTES = 256 * 1024;

/** Creates the topics that are missing. Several processes may do it at once. */
export async function ensureTopics(kafka: Kafka, settings: KafkaSettings): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const missing = [...new Set(settings.topics)].filter((topic) => !existing.has(topic));
    if (missing.length === 0) return;
    if (!settings.createTopics) throw absent(missing);
    await create(admin, missing, settings);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

async function create(admin: Admin, topics: readonly string[], settings: KafkaSettings): Promise<void> {
  // False when another process was faster; anything else that goes wrong is thrown.
  await admin.createTopics({
    waitForLeaders: true,
    timeout: 15_000,
    topics: topics.map((topic) => ({
      topic,
      numPartitions: settings.partitions,
      replicationFactor: settings.replicationFactor,
      configEntries: [
        { name: 'cleanup.policy', value: 'delete' },
        { name: 'retention.ms', value: String(settings.retentionMs) },
        { name: 'max.message.bytes', value: String(maxMessageBytes(topic, settings)) },
      ],
    })),
  });
  settings.logger.info({ topics, partitions: settings.partitions }, 'topics are there');
}

const maxMessageBytes = (topic: string, settings: KafkaSettings): number =>
  settings.maxMessageBytes + (topic === settings.deadLetterTopic ? 2 : 1) * DEAD_LETTER_HEADROOM_BYTES;

const absent = (topics: readonly string[]): FreshetError =>
  new FreshetError('dependency_unavailable', {
    message: `Kafka has no topic ${topics.join(', ')}, and this service was told not to create topics`,
    nextStep: 'Create the topics as docs/reference/kafka.md lists them.',
    attributes: { topics: topics.join(',') },
  });

import { TOPICS } from '@freshet/contracts';
import { silentLogger, type Logger } from '@freshet/domain';

export type CompressionName = 'none' | 'gzip' | 'snappy';

/** Texts in PEM. */
export interface KafkaTls {
  /** Who signs the brokers' certificates, instead of whom Node trusts. */
  readonly ca?: string;
  /** Of this client, where brokers ask for one. */
  readonly cert?: string;
  readonly key?: string;
}

export interface KafkaSasl {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
}

export interface KafkaMessagingOptions {
  /** `host:port` of some of the brokers. */
  readonly brokers: readonly string[];
  /** Shown in the broker's logs and metrics. Default `freshet`. */
  readonly clientId?: string;
  /** Not encrypted when not set; `{}` trusts whom Node trusts. */
  readonly tls?: KafkaTls;
  readonly sasl?: KafkaSasl;

  /** Topics that `start` makes sure of. Default: all of `TOPICS`. */
  readonly topics?: readonly string[];
  readonly deadLetterTopic?: string;
  /** False where topics are made by someone else (Strimzi, an administrator); then `start` only checks that they exist. */
  readonly createTopics?: boolean;
  /** Of a topic that `start` creates: how many replicas of a service can share its work. Default 6. */
  readonly partitions?: number;
  /** Default: the broker's own default. */
  readonly replicationFactor?: number;
  /** Default 3 days: longer than any run, so that nothing in flight is ever deleted. */
  readonly retentionMs?: number;
  /** Largest message, uncompressed. Default 4 MiB. */
  readonly maxMessageBytes?: number;

  readonly compression?: CompressionName;
  /** Messages that wait while another send is under way leave together, up to this size. Default 1 MiB. */
  readonly sendBytes?: number;
  /** How long a publish is tried before it fails with `dependency_unavailable`. Default 2 minutes: more than a broker restart. */
  readonly publishTimeoutMs?: number;

  /** Compressed bytes of one fetch, over all partitions and for one. Default 1 MiB and 512 KiB. */
  readonly fetchBytes?: number;
  readonly fetchBytesPerPartition?: number;
  /** Uncompressed bytes and messages of a subscription, waiting or being handled, above which it stops fetching. Default 4 MiB and 1000. */
  readonly backlogBytes?: number;
  readonly backlogMessages?: number;
  /** Work of a process that died is taken over after this time. Default 10 s. */
  readonly sessionTimeoutMs?: number;
  readonly heartbeatIntervalMs?: number;
  /** How long a rebalance waits for a member. Default 15 s: the consume loop never waits for a handler, so it is always back soon. */
  readonly rebalanceTimeoutMs?: number;
  /** How long a message may wait at the broker before it is seen, at worst, after a pause. Default 250 ms. */
  readonly fetchWaitMs?: number;
  readonly commitIntervalMs?: number;

  /** How long `start` tries to reach a broker. Default 60 s. */
  readonly startTimeoutMs?: number;
  /** How long `close` and `stop` wait for running handlers before their signal is aborted. Default 20 s. */
  readonly drainTimeoutMs?: number;
  readonly logger?: Logger;
  readonly random?: () => number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

const DEFAULTS = {
  clientId: 'freshet',
  topics: Object.values(TOPICS) as readonly string[],
  deadLetterTopic: TOPICS.deadLetter as string,
  createTopics: true,
  partitions: 6,
  replicationFactor: -1,
  retentionMs: 3 * 24 * 3_600_000,
  maxMessageBytes: 4 * MIB,
  compression: 'snappy' as CompressionName,
  sendBytes: MIB,
  publishTimeoutMs: 120_000,
  fetchBytes: MIB,
  fetchBytesPerPartition: 512 * KIB,
  backlogBytes: 4 * MIB,
  backlogMessages: 1_000,
  sessionTimeoutMs: 10_000,
  heartbeatIntervalMs: 2_000,
  rebalanceTimeoutMs: 15_000,
  fetchWaitMs: 250,
  commitIntervalMs: 100,
  startTimeoutMs: 60_000,
  drainTimeoutMs: 20_000,
  logger: silentLogger,
  random: Math.random,
};

export type KafkaSettings = typeof DEFAULTS & Pick<KafkaMessagingOptions, 'brokers' | 'sasl' | 'tls'>;

export function kafkaSettings(options: KafkaMessagingOptions): KafkaSettings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return { ...DEFAULTS, brokers: options.brokers, ...given };
}

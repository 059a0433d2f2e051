import type { Logger } from '@freshet/domain';
import { CompressionCodecs, CompressionTypes, Kafka, logLevel, type LogEntry, type SASLOptions } from 'kafkajs';
import type { CompressionName, KafkaSasl, KafkaSettings } from './options';
import { snappyCompress, snappyUncompress } from './snappy-codec';
import { withoutNegativeTimeouts } from './negative-timeouts';

CompressionCodecs[CompressionTypes.Snappy] = () => ({
  compress: async ({ buffer }: { buffer: Buffer }) => snappyCompress(buffer),
  decompress: async (buffer: Buffer) => snappyUncompress(buffer),
});
withoutNegativeTimeouts();

export const COMPRESSION: Readonly<Record<CompressionName, CompressionTypes>> = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
};

/**
 * A kafkajs client. Each consumer gets one of its own: consumers of one client and group share their idea of committed
 * offsets (`Cluster.committedOffsets`), and one that rejoins would clear it for the others.
 *
 * Retries are few, because above kafkajs there is always someone who tries again with a fresh producer or consumer.
 */
export function kafkaClient(settings: KafkaSettings): Kafka {
  return new Kafka({
    clientId: settings.clientId,
    brokers: [...settings.brokers],
    ssl: settings.tls && { ...settings.tls },
    sasl: settings.sasl && saslOf(settings.sasl),
    connectionTimeout: 3_000,
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 5 },
    logLevel: logLevel.INFO,
    logCreator: () => (entry) => bridge(settings.logger, entry),
  });
}

const saslOf = ({ mechanism, username, password }: KafkaSasl): SASLOptions =>
  ({ mechanism, username, password }) as SASLOptions;

/**
 * kafkajs reports as errors what it is about to retry, several times a second while a broker restarts. Whether something is
 * wrong is known one level up, and logged there with its cause; what kafkajs says is detail.
 */
function bridge(logger: Logger, { namespace, label, log }: LogEntry): void {
  const { message, timestamp: _timestamp, stack: _stack, logger: _logger, ...fields } = log;
  logger.debug({ ...fields, kafkajsLevel: label }, `kafkajs ${namespace}: ${message}`);
}

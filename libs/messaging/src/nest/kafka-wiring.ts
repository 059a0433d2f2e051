import type { InjectionToken, Provider } from '@nestjs/common';
import type { Logger } from '@freshet/domain';
import { KafkaMessaging } from '../kafka/kafka-messaging';
import type { KafkaMessagingOptions, KafkaSasl } from '../kafka/options';
import { MESSAGING, type Messaging } from '../port';

/** Variables of a service's configuration that the transport needs. */
export interface KafkaSettings {
  readonly FRESHET_KAFKA_BROKERS: readonly string[];
  readonly FRESHET_MAX_MESSAGE_BYTES: number;
  readonly FRESHET_KAFKA_TLS: boolean;
  readonly FRESHET_KAFKA_CA?: string | undefined;
  readonly FRESHET_KAFKA_CERT?: string | undefined;
  readonly FRESHET_KAFKA_KEY?: string | undefined;
  readonly FRESHET_KAFKA_SASL_MECHANISM?: KafkaSasl['mechanism'] | undefined;
  readonly FRESHET_KAFKA_USERNAME?: string | undefined;
  readonly FRESHET_KAFKA_PASSWORD?: string | undefined;
  readonly FRESHET_KAFKA_CREATE_TOPICS: boolean;
  readonly FRESHET_KAFKA_PARTITIONS: number;
  readonly FRESHET_KAFKA_REPLICATION?: number | undefined;
}

/** Binds `MESSAGING` to Kafka; for `app.module.ts`. */
export const provideKafka = (service: string, settings: KafkaSettings, logger: InjectionToken): Provider => ({
  provide: MESSAGING,
  inject: [logger],
  useFactory: (log: Logger) =>
    new KafkaMessaging({
      ...kafkaOptions(settings),
      clientId: `freshet-${service}`,
      logger: log,
    }),
});

/** What the variables say, in the transport's words. Contradictions were reported when they were read. */
export function kafkaOptions(settings: KafkaSettings): KafkaMessagingOptions {
  const { FRESHET_KAFKA_CA: ca, FRESHET_KAFKA_CERT: cert, FRESHET_KAFKA_KEY: key } = settings;
  const mechanism = settings.FRESHET_KAFKA_SASL_MECHANISM;
  return {
    brokers: settings.FRESHET_KAFKA_BROKERS,
    maxMessageBytes: settings.FRESHET_MAX_MESSAGE_BYTES,
    tls: settings.FRESHET_KAFKA_TLS ? { ca, cert, key } : undefined,
    sasl: mechanism && {
      mechanism,
      username: settings.FRESHET_KAFKA_USERNAME ?? '',
      password: settings.FRESHET_KAFKA_PASSWORD ?? '',
    },
    createTopics: settings.FRESHET_KAFKA_CREATE_TOPICS,
    partitions: settings.FRESHET_KAFKA_PARTITIONS,
    replicationFactor: settings.FRESHET_KAFKA_REPLICATION,
  };
}

/** Health checks of any transport: live while its loops turn, ready while it is connected. */
export const messagingChecks = (messaging: Messaging) =>
  [
    {
      name: 'messaging.live',
      kind: 'liveness',
      check: () => ({ ok: messaging.health().live, detail: messaging.health().detail }),
    },
    {
      name: 'messaging',
      kind: 'readiness',
      check: () => ({ ok: messaging.health().ready, detail: messaging.health().detail }),
    },
  ] as const;

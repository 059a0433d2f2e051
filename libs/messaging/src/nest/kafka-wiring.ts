import type { InjectionToken, Provider } from '@nestjs/common';
import type { Logger } from '@freshet/domain';
import { KafkaMessaging } from '../kafka/kafka-messaging';
import { MESSAGING, type Messaging } from '../port';

/** Variables of a service's configuration that the transport needs. */
export interface KafkaSettings {
  readonly FRESHET_KAFKA_BROKERS: readonly string[];
  readonly FRESHET_MAX_MESSAGE_BYTES: number;
}

/** Binds `MESSAGING` to Kafka; for `app.module.ts`. */
export const provideKafka = (service: string, settings: KafkaSettings, logger: InjectionToken): Provider => ({
  provide: MESSAGING,
  inject: [logger],
  useFactory: (log: Logger) =>
    new KafkaMessaging({
      brokers: settings.FRESHET_KAFKA_BROKERS,
      maxMessageBytes: settings.FRESHET_MAX_MESSAGE_BYTES,
      clientId: `freshet-${service}`,
      logger: log,
    }),
});

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

export * from './port';
export { currentCorrelationId } from './delivery/message-context';
export { InProcessMessaging, type InProcessOptions } from './in-process/in-process-messaging';
export { Consumes, type ConsumesOptions } from './nest/consumes';
export { DEFAULT_MAX_IN_FLIGHT, MessagingServer, type MessagingServerOptions } from './nest/messaging-server';
export { KafkaMessaging } from './kafka/kafka-messaging';
export { kafkaGroupId } from './kafka/kafka-subscription';
export type { CompressionName, KafkaMessagingOptions } from './kafka/options';
export { messagingChecks, provideKafka, type KafkaSettings } from './nest/kafka-wiring';

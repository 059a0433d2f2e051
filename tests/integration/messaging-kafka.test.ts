import { describeWithKafka } from '@freshet/testing';
import { KafkaMessaging } from '@freshet/messaging';
import { messagingContract } from '../../libs/messaging/src/testing/messaging-contract';

jest.setTimeout(60_000);

describeWithKafka('KafkaMessaging', (kafka) => {
  messagingContract(() => ({
    open: async ({ work, other, deadLetter }) => {
      const messaging = new KafkaMessaging({
        brokers: kafka().brokers,
        topics: [work, other, deadLetter],
        deadLetterTopic: deadLetter,
        partitions: 3,
      });
      await messaging.start();
      return messaging;
    },
  }));
});

import { kafkaSettings } from './options';
import { KafkaPublisher } from './publisher';

const sent: string[] = [];
jest.mock('./client', () => ({
  COMPRESSION: { snappy: 2 },
  kafkaClient: () => ({
    producer: () => ({
      connect: () => Promise.resolve(),
      disconnect: () => Promise.resolve(),
      sendBatch: ({ topicMessages }: { topicMessages: Array<{ messages: Array<{ key: string }> }> }) => {
        for (const { messages } of topicMessages) sent.push(...messages.map(({ key }) => key));
        return Promise.resolve();
      },
    }),
  }),
}));

describe('the publisher', () => {
  it('sends what is published in the very moment it has nothing left to send', async () => {
    const publisher = new KafkaPublisher(kafkaSettings({ brokers: ['nowhere:1'] }));
    const publish = (key: string): Promise<void> => publisher.publish({ topic: 't', key, value: Buffer.from(key) }, {});
    await publish('a').then(() => publish('b'));
    expect(sent).toEqual(['a', 'b']);
    await publisher.close(100);
  });
});

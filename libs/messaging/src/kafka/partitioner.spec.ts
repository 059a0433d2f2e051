import type { Message, PartitionMetadata } from 'kafkajs';
import { stablePartitioner } from './partitioner';

const partitionMetadata = Array.from(
  { length: 6 },
  (_, partitionId) => ({ partitionId, leader: 1 }) as PartitionMetadata,
);

describe('stablePartitioner', () => {
  it('sends a message to the same partition when kafkajs tries again, key or not', () => {
    const partition = stablePartitioner();
    const messages: Message[] = [null, null, null, 'a', 'b'].map((key) => ({ key, value: 'v' }));
    const ask = (): number[] => messages.map((message) => partition({ topic: 't', partitionMetadata, message }));
    expect(ask()).toEqual(ask());
  });

  it('agrees with the Java client about keys', () => {
    const partition = stablePartitioner();
    // murmur2("21") % 6 etc., from org.apache.kafka.common.utils.UtilsTest.testMurmur2: 21 → -973932308, foobar → -790332482
    const expected = (hash: number): number => (hash & 0x7fffffff) % 6;
    for (const [key, hash] of [
      ['21', -973932308],
      ['foobar', -790332482],
    ] as const) {
      expect(partition({ topic: 't', partitionMetadata, message: { key, value: 'v' } })).toBe(expected(hash));
    }
  });
});

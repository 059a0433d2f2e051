import { Partitioners, type ICustomPartitioner, type Message } from 'kafkajs';

/**
 * The partitioner of the Java client (murmur2 of the key), with a memory: kafkajs asks again on every retry, and a message
 * without a key would go elsewhere then. The sequence number that an idempotent producer gave it would be used for another
 * message, which the broker would take for a duplicate and drop.
 */
export const stablePartitioner: ICustomPartitioner = () => {
  const partition = Partitioners.DefaultPartitioner();
  const chosen = new WeakMap<Message, number>();
  return (args) => {
    const known = chosen.get(args.message);
    if (known !== undefined) return known;
    const fresh = partition(args);
    chosen.set(args.message, fresh);
    return fresh;
  };
};

/** FNV-1a over the key: the same key always goes to the same partition; messages without a key take turns. */
export class Partitioner {
  private turn = 0;

  constructor(private readonly partitions: number) {}

  partitionOf(key: string | null): number {
    if (key === null) return this.turn++ % this.partitions;
    let hash = 0x811c9dc5;
    for (let i = 0; i < key.length; i += 1) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
    return (hash >>> 0) % this.partitions;
  }
}

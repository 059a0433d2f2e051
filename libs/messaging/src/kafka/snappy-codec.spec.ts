import { compressSync } from 'snappy';
import { snappyCompress, snappyUncompress } from './snappy-codec';

describe('the snappy codec', () => {
  const data = Buffer.from('one row of a batch\tand another\n'.repeat(5_000));

  it('gives back what it compressed, of any size', () => {
    for (const size of [0, 1, 100, data.length]) {
      const part = data.subarray(0, size);
      expect(snappyUncompress(snappyCompress(part)).equals(part)).toBe(true);
    }
  });

  it('writes the framing that the Java client reads', () => {
    const framed = snappyCompress(data);
    expect(framed.subarray(0, 16).toString('hex')).toBe('82534e4150505900' + '00000001' + '00000001');
    expect(framed.readUInt32BE(16)).toBe(framed.length - 20);
  });

  it('reads several blocks, as the Java client writes them', () => {
    const half = data.length / 2;
    const blocks = [data.subarray(0, half), data.subarray(half)].map((part) => compressSync(part));
    const framed = Buffer.concat([
      Buffer.from('82534e41505059000000000100000001', 'hex'),
      ...blocks.flatMap((block) => {
        const length = Buffer.alloc(4);
        length.writeUInt32BE(block.length);
        return [length, block];
      }),
    ]);
    expect(snappyUncompress(framed).equals(data)).toBe(true);
  });

  it('reads plain snappy, which other clients write', () => {
    expect(snappyUncompress(compressSync(data)).equals(data)).toBe(true);
  });

  it('refuses what is cut off', () => {
    const framed = snappyCompress(data);
    expect(() => snappyUncompress(framed.subarray(0, framed.length - 1))).toThrow('ends inside a block');
    expect(() => snappyUncompress(framed.subarray(0, 18))).toThrow('ends inside a block length');
  });
});

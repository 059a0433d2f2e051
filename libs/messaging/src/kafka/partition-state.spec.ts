import { PartitionState } from './partition-state';

describe('what of a partition may be committed', () => {
  const taken = (state: PartitionState, ...offsets: number[]) =>
    offsets.map((offset) => state.tracker.take(String(offset)));

  it('is only what has nothing unfinished before it', () => {
    const state = new PartitionState(0);
    const [first, second, third] = taken(state, 10, 11, 15);
    expect(state.pending).toBeNull();
    state.tracker.done(second!);
    state.tracker.done(third!);
    expect(state.pending).toBeNull();
    state.tracker.done(first!);
    expect(state.pending).toBe(16n);
  });

  it('is not committed twice', () => {
    const state = new PartitionState(0);
    state.tracker.done(taken(state, 10)[0]!);
    state.markCommitted(11n);
    expect(state.pending).toBeNull();
    state.tracker.done(taken(state, 11)[0]!);
    expect(state.pending).toBe(12n);
  });

  it('is nothing once the partition is lost', () => {
    const state = new PartitionState(0);
    state.tracker.done(taken(state, 10)[0]!);
    state.lose();
    expect(state.pending).toBeNull();
    expect(state.signal.aborted).toBe(true);
  });

  it('does not take in again what a rebalance made Kafka send again', () => {
    const state = new PartitionState(0);
    expect(taken(state, 10, 11, 10, 11, 12).map((tracked) => tracked?.offset)).toEqual([
      10n,
      11n,
      undefined,
      undefined,
      12n,
    ]);
  });

  it('handles offsets beyond what a number holds', () => {
    const state = new PartitionState(0);
    state.tracker.done(state.tracker.take('9007199254740993')!);
    expect(state.pending).toBe(9007199254740994n);
  });
});

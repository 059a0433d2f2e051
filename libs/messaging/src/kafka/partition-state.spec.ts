import { PartitionState } from './partition-state';

describe('what of a partition may be committed', () => {
  const setup = () => {
    const state = new PartitionState(0);
    const taken = new Map<string, NonNullable<ReturnType<typeof state.tracker.take>>>();
    const take = (...offsets: string[]): boolean[] =>
      offsets.map((offset) => {
        const tracked = state.tracker.take(offset);
        if (tracked) taken.set(offset, tracked);
        return tracked !== null;
      });
    const done = (offset: string): void => {
      const tracked = taken.get(offset);
      if (!tracked) throw new Error(`${offset} was not taken in`);
      state.tracker.done(tracked);
    };
    return { state, take, done };
  };

  it('is only what has nothing unfinished before it', () => {
    const { state, take, done } = setup();
    take('10', '11', '15');
    expect(state.pending).toBeNull();
    done('11');
    done('15');
    expect(state.pending).toBeNull();
    done('10');
    expect(state.pending).toBe(16n);
  });

  it('is not committed twice', () => {
    const { state, take, done } = setup();
    take('10', '11');
    done('10');
    state.markCommitted(11n);
    expect(state.pending).toBeNull();
    done('11');
    expect(state.pending).toBe(12n);
  });

  it('is nothing once the partition is lost', () => {
    const { state, take, done } = setup();
    take('10');
    done('10');
    state.lose();
    expect(state.pending).toBeNull();
    expect(state.signal.aborted).toBe(true);
  });

  it('does not take in again what a rebalance made Kafka send again', () => {
    const { take } = setup();
    expect(take('10', '11', '10', '11', '12')).toEqual([true, true, false, false, true]);
  });

  it('handles offsets beyond what a number holds', () => {
    const { state, take, done } = setup();
    take('9007199254740993');
    done('9007199254740993');
    expect(state.pending).toBe(9007199254740994n);
  });
});

import { latch } from '../testing/collect';
import { IntakeGate } from './intake-gate';
import { Lanes } from './lanes';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Lanes', () => {
  const setup = (limit: number) => {
    const started: string[] = [];
    const gates = new Map<string, ReturnType<typeof latch>>();
    const gate: IntakeGate = new IntakeGate(() => lanes.pump());
    const lanes = new Lanes(limit, gate);
    const add = (name: string, key: string | null): void => {
      const own = latch();
      gates.set(name, own);
      lanes.add({ key, bytes: 10, run: () => (started.push(name), own.opened) });
    };
    const finish = async (name: string): Promise<void> => {
      gates.get(name)?.open();
      await turn();
    };
    return { lanes, gate, started, add, finish };
  };

  it('runs one of each key at a time, in order, without letting a busy key block another', async () => {
    const { started, add, finish } = setup(2);
    for (const [name, key] of [
      ['a1', 'a'],
      ['a2', 'a'],
      ['a3', 'a'],
      ['b1', 'b'],
      ['c1', null],
      ['c2', null],
    ] as const)
      add(name, key);
    expect(started).toEqual(['a1', 'b1']);
    await finish('b1');
    expect(started).toEqual(['a1', 'b1', 'c1']);
    await finish('a1');
    await finish('c1');
    await finish('c2');
    await finish('a2');
    expect(started).toEqual(['a1', 'b1', 'c1', 'c2', 'a2', 'a3']);
  });

  it('starts nothing while the gate is held', async () => {
    const { gate, started, add } = setup(2);
    const letGo = gate.hold();
    const letAlsoGo = gate.hold();
    add('a1', 'a');
    letGo();
    letGo();
    expect(started).toEqual([]);
    letAlsoGo();
    expect(started).toEqual(['a1']);
  });

  it('counts what waits and what runs, and forgets what it drops', async () => {
    const { lanes, started, add, finish } = setup(1);
    for (const name of ['a1', 'a2', 'a3']) add(name, 'a');
    add('b1', 'b');
    expect(lanes.backlog).toEqual({ messages: 4, bytes: 40 });
    lanes.dropWaiting();
    expect(lanes.backlog).toEqual({ messages: 1, bytes: 10 });
    let idle = false;
    void lanes.whenIdle().then(() => (idle = true));
    await turn();
    expect(idle).toBe(false);
    await finish('a1');
    expect(idle).toBe(true);
    expect(started).toEqual(['a1']);
    add('b2', 'b');
    expect(started).toEqual(['a1', 'b2']);
  });
});

import { RUN_ENDS, canMove, isEnded, type RunState } from './run';
import { isTaskEnded } from './task';

const ALL: readonly RunState[] = ['queued', 'running', 'publishing', 'exporting', ...RUN_ENDS];

describe('run states', () => {
  it('an ended run never moves again', () => {
    for (const from of RUN_ENDS) for (const to of ALL) expect(canMove(from, to)).toBe(false);
  });

  it('every state reaches an end', () => {
    for (const from of ALL.filter((state) => !isEnded(state))) {
      const seen = new Set<RunState>([from]);
      for (const state of seen) for (const to of ALL) if (canMove(state, to)) seen.add(to);
      expect([...seen].some(isEnded)).toBe(true);
    }
  });

  it('nothing is published without having been publishing, and nothing is cancelled after it', () => {
    expect(ALL.filter((from) => canMove(from, 'published'))).toEqual(['publishing', 'exporting']);
    expect(ALL.filter((from) => canMove(from, 'cancelled'))).toEqual(['queued', 'running']);
  });

  it('knows the ends of a task', () => {
    expect(
      (['waiting', 'issued', 'leased', 'fetched', 'done', 'failed', 'cancelled'] as const).filter(isTaskEnded),
    ).toEqual(['done', 'failed', 'cancelled']);
  });
});

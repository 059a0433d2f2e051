import { HEADERS, TOPICS, encodeMessage } from '@freshet/contracts';
import { RefreshService } from '@freshet/coordinator-service';
import type { Failure } from '@freshet/domain';
import { eventually, manifest, progress, useWorld, type Coordinator } from './world';

/** A file in UTF-16, or one that was damaged: its header has NUL in every second place, and so has what is said about it. */
const COLUMN = 'A\0P\0I\ud800';
const STORED = 'A␀P␀I\ufffd';

describe('text that PostgreSQL cannot store', () => {
  const world = useWorld('unstorable');
  let coordinator: Coordinator;

  beforeEach(async () => {
    coordinator = await world.start();
  });

  const failure: Failure = {
    code: 'column_unknown',
    kind: 'terminal',
    message: `it has ${COLUMN}`,
    nextStep: 'x',
    attributes: { columns: COLUMN },
  };
  const leased = async () => {
    const [run] = await coordinator.app.get(RefreshService).start({ datasets: ['demo.main'] });
    if (!run) throw new Error('no run');
    const lease = await coordinator.claim(await coordinator.announced(run.id, 1));
    return { run, taskId: lease.taskId, lease };
  };
  const ended = async (runId: string) => (await coordinator.ended(runId)).failure;

  it('does not hide what a fetcher reports', async () => {
    const { run, lease } = await leased();
    expect(await coordinator.worker.fail(lease, failure, 0)).toEqual({ held: true });
    expect(await ended(run.id)).toMatchObject({ code: 'column_unknown', message: `it has ${STORED}` });
  });

  it('does not keep a manifest from being heard', async () => {
    const { lease } = await leased();
    const resources = [{ resource: 'main', chunks: 1, records: 1, bytes: 1, sha256: 'a', header: [COLUMN] }];
    expect(await coordinator.worker.complete(lease, manifest({ resources }), progress)).toEqual({ held: true });
  });

  it('does not hide what a later stage reports', async () => {
    const { run, taskId } = await leased();
    const event = {
      type: 'attempt.failed',
      dataset: 'demo.main',
      runId: run.id,
      taskId,
      attempt: 1,
      contentVersion: 'v1',
      stage: 'parser',
      failure,
    } as const;
    await coordinator.messaging.publish({ topic: TOPICS.runEvents, key: run.id, value: encodeMessage(event) });
    expect(await ended(run.id)).toMatchObject({ code: 'column_unknown' });
  });

  it('does not stop dead letters, whatever stands in their headers', async () => {
    const letters: ReadonlyArray<Record<string, string>> = [
      { [HEADERS.deadLetterReason]: COLUMN, [HEADERS.deadLetterOffset]: COLUMN, other: COLUMN },
      { [HEADERS.deadLetterPartition]: '1e300', [HEADERS.deadLetterOffset]: '1' },
      { [HEADERS.deadLetterPartition]: '1.5', [HEADERS.deadLetterOffset]: '2' },
    ];
    for (const headers of letters)
      await coordinator.messaging.publish({
        topic: TOPICS.deadLetter,
        key: COLUMN,
        value: Buffer.from('rubbish\0'),
        headers,
      });
    await eventually(
      'all letters',
      async () => (await world.database.query('SELECT 1 FROM freshet.dead_letter')).length === letters.length,
    );
  });
});

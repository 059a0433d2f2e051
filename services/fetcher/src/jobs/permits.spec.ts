import { FreshetError, silentLogger } from '@freshet/domain';
import { FakeWorker, TASK } from '../testing/parts';
import { Permits } from './permits';

const lease = { taskId: TASK, attempt: 1, token: 't' };
const rateLimit = { key: 'k', limits: [{ requests: 5, perSeconds: 1 }], coolDownMs: 1000 };

function permits(worker: FakeWorker, signal = new AbortController().signal, definition = { rateLimit }): Permits {
  return new Permits({ worker, lease, definition, logger: silentLogger, signal });
}

describe('permits', () => {
  it('are asked for until one is granted, and waited for as the coordinator says', async () => {
    const worker = new FakeWorker();
    worker.permitAnswers.push(
      { granted: false, waitMs: 0 },
      { granted: false, waitMs: 30 },
      { granted: true, waitMs: 40 },
    );
    const began = performance.now();
    await permits(worker).take();
    expect(performance.now() - began).toBeGreaterThanOrEqual(80);
    expect([worker.permits, worker.permitAnswers.length]).toEqual([1, 0]);
  });

  it('are asked for again while the coordinator does not answer', async () => {
    const worker = new FakeWorker();
    worker.outage = 2;
    await permits(worker).take();
    expect(worker.permits).toBe(1);
  });

  it('are no longer waited for when the task is given up', async () => {
    const worker = new FakeWorker();
    worker.permitAnswers.push({ granted: true, waitMs: 60_000 });
    const abort = new AbortController();
    const taken = permits(worker, abort.signal).take();
    const reason = new FreshetError('cancelled', { message: 'enough', nextStep: '' });
    setImmediate(() => abort.abort(reason));
    await expect(taken).rejects.toBe(reason);
    await expect(permits(worker, abort.signal).take()).rejects.toBe(reason);
  });

  it('are not needed where the publisher has no limit', async () => {
    const worker = new FakeWorker();
    const none = new Permits({
      worker,
      lease,
      definition: { rateLimit: null },
      logger: silentLogger,
      signal: new AbortController().signal,
    });
    await none.take();
    await none.coolDown(1000);
    expect([worker.permits, worker.coolDowns]).toEqual([0, []]);
  });

  it('stop for everybody when the publisher suspended us', async () => {
    const worker = new FakeWorker();
    worker.outage = 1;
    await permits(worker).coolDown(7000);
    expect(worker.coolDowns).toEqual([7000]);
  });
});

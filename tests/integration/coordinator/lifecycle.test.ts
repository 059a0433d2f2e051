import { randomUUID } from 'node:crypto';
import { RefreshService, type CoordinatorSettings } from '@freshet/coordinator-service';
import { HEADERS, TOPICS, encodeMessage, type ChunkFetched, type RunView } from '@freshet/contracts';
import { FreshetError, type DatasetDefinition } from '@freshet/domain';
import { definition, eventually, loadChunk, manifest, progress, publishRun, useWorld, type Coordinator } from './world';

describe('a run', () => {
  const world = useWorld('coord');
  let coordinator: Coordinator;

  const start = async (
    settings: Partial<CoordinatorSettings> = {},
    definitions?: readonly DatasetDefinition[],
  ): Promise<void> => {
    coordinator = await world.start({ settings, definitions });
  };
  const refresh = async (
    body: { dataset?: string; force?: boolean; idempotencyKey?: string } = {},
  ): Promise<RunView> => {
    const [run] = await coordinator.app
      .get(RefreshService)
      .start({ datasets: [body.dataset ?? 'demo.main'], force: body.force, idempotencyKey: body.idempotencyKey });
    if (!run) throw new Error('no run');
    return run;
  };
  const view = (id: string): Promise<RunView> => coordinator.app.get(RefreshService).view(id);
  const claim: Coordinator['claim'] = (...of) => coordinator.claim(...of);
  const publishOne = async (): Promise<RunView> => {
    const run = await refresh();
    await coordinator.fetchAndLoad(run.id);
    await publishRun(world.database, run.id);
    await coordinator.ended(run.id);
    return view(run.id);
  };

  it('is fetched, balanced, published, exported, and says so', async () => {
    await start({}, [
      definition('demo.main', { exports: [{ kind: 'pickle', folder: 'x', dtypes: 'legacy', warnBytes: 1 }] }),
    ]);
    const run = await refresh();
    expect(run).toMatchObject({
      dataset: 'demo.main',
      state: 'running',
      taskState: 'issued',
      attempt: 1,
      trigger: 'api',
    });
    await coordinator.fetchAndLoad(run.id);
    expect((await view(run.id)).state).toBe('publishing');
    await publishRun(world.database, run.id);
    await coordinator.commanded(run.id, 'export');
    await world.database.execute(
      `INSERT INTO freshet.export_file (run_id, path, resource, generation, bytes, sha256) VALUES ($1, 'x/main.bin', 'main', 1, 77, '')`,
      [run.id],
    );
    await world.database.execute(`INSERT INTO freshet.export (run_id, outcome) VALUES ($1, 'written')`, [run.id]);
    expect(await coordinator.ended(run.id)).toMatchObject({
      outcome: 'published',
      generation: 1,
      failure: null,
      dataset: 'demo.main',
    });
    await coordinator.commanded(run.id, 'retain');
    expect(await view(run.id)).toMatchObject({
      state: 'published',
      generation: 1,
      taskState: 'done',
      failure: null,
      access: { kind: 'url' },
      progress: {
        bytesReceived: 1000,
        bytesExpected: 1000,
        chunksCut: 1,
        chunksLoaded: 1,
        rowsLoaded: 10,
        rowsRefused: 0,
      },
      resources: [{ resource: 'main', rows: 10, refused: 0, bytes: 100, sha256: 'abc', outcome: 'published' }],
      attempts: [{ attempt: 1, worker: 'fetcher-1', end: 'fetched', failure: null }],
      files: [{ path: 'x/main.bin', bytes: 77, warning: null }],
    });
  });

  it('waits for its chunks, and is not published while one is missing', async () => {
    await start();
    const run = await refresh();
    const fetch = await coordinator.announced(run.id, 1);
    await coordinator.worker.complete(await claim(fetch), manifest(), progress);
    await eventually('the manifest', async () => (await view(run.id)).taskState === 'fetched');
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect((await view(run.id)).state).toBe('running');
    await loadChunk(world.database, fetch);
    await coordinator.commanded(run.id, 'publish');
  });

  it('ends as unchanged without a download, and compares with the validators of the newest generation', async () => {
    await start();
    await publishOne();
    const run = await refresh();
    const fetch = await coordinator.announced(run.id, 1);
    const answer = await coordinator.worker.claim(fetch.taskId, 1, 'fetcher-1');
    expect(answer).toMatchObject({
      granted: true,
      spec: {
        dataset: 'demo.main',
        contentVersion: 'v1',
        force: false,
        file: null,
        validators: { etag: '"1"' },
        tries: 1,
      },
    });
    if (!answer.granted) return;
    const startedAt = performance.now();
    await coordinator.worker.complete(
      { taskId: fetch.taskId, attempt: 1, token: answer.token },
      manifest({ outcome: 'not_modified', resources: [], bytesReceived: 0 }),
      progress,
    );
    expect(await coordinator.ended(run.id)).toMatchObject({ outcome: 'unchanged', generation: 1 });
    expect(await view(run.id)).toMatchObject({
      generation: 1,
      resources: [{ resource: 'main', rows: 10, outcome: 'unchanged' }],
    });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    const [dataset] = await world.database.query(
      `SELECT confirmed_at > clock_timestamp() - interval '1 minute' AS recent, current_generation FROM freshet.dataset`,
    );
    expect(dataset).toEqual({ recent: true, current_generation: 1 });
  });

  it('forgets the validators when forced, or when the definition changed', async () => {
    await start();
    await publishOne();
    const forced = await refresh({ force: true });
    const spec = async (run: RunView) => {
      const fetch = await coordinator.announced(run.id, 1);
      const answer = await coordinator.worker.claim(fetch.taskId, 1, 'w');
      return answer.granted ? answer.spec.validators : null;
    };
    expect(await spec(forced)).toEqual({});
    await coordinator.app.get(RefreshService).cancel(forced.id);
    await coordinator.stop();
    await start({}, [definition('demo.main', { contentVersion: 'v2' })]);
    expect(await spec(await refresh())).toEqual({});
  });

  it('keeps the newest validators when the content turns out to be the published one', async () => {
    await start();
    await publishOne();
    const run = await refresh();
    const fetch = await coordinator.announced(run.id, 1);
    await loadChunk(world.database, fetch);
    await coordinator.worker.complete(await claim(fetch), manifest({ validators: { etag: '"2"' } }), progress);
    await coordinator.commanded(run.id, 'publish');
    await publishRun(world.database, run.id, 'unchanged');
    expect(await coordinator.ended(run.id)).toMatchObject({ outcome: 'unchanged' });
    expect(await world.database.query('SELECT number, validators FROM freshet.generation')).toEqual([
      { number: 1, validators: { etag: '"2"' } },
    ]);
    await world.database.execute('DELETE FROM freshet.ledger; DELETE FROM freshet.generation_resource');
    expect((await view(run.id)).resources).toEqual([
      { resource: 'main', rows: 10, refused: 0, bytes: 100, sha256: 'abc', outcome: 'unchanged' },
    ]);
  });

  it('grants the lease of an attempt to one of many who claim it', async () => {
    await start();
    const run = await refresh();
    const fetch = await coordinator.announced(run.id, 1);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => coordinator.worker.claim(fetch.taskId, 1, `fetcher-${n}`)),
    );
    expect(answers.filter(({ granted }) => granted)).toHaveLength(1);
    expect(await coordinator.worker.claim(fetch.taskId, 2, 'early')).toEqual({ granted: false });
    expect(await coordinator.worker.claim(randomUUID(), 1, 'lost')).toEqual({ granted: false });
  });

  it('issues the next attempt when a lease runs out, and holds nothing of the former one for true', async () => {
    await start({ leaseMs: 200 });
    const run = await refresh();
    const first = await claim(await coordinator.announced(run.id, 1), 'dead');
    const second = await claim(await coordinator.announced(run.id, 2), 'alive');
    expect(await coordinator.worker.renew(first, progress)).toEqual({ held: false, leaseMs: 0, cancelled: false });
    expect(await coordinator.worker.complete(first, manifest(), progress)).toEqual({ held: false });
    expect(await coordinator.worker.fail(first, failure('stalled'), 0)).toEqual({ held: false });
    for (let n = 0; n < 5; n += 1) {
      expect(await coordinator.worker.renew(second, progress)).toEqual({ held: true, leaseMs: 200, cancelled: false });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect((await view(run.id)).attempts).toMatchObject([
      { worker: 'dead', end: 'expired', failure: { code: 'lease_expired' } },
      { worker: 'alive', end: null },
    ]);
  });

  it('takes a report twice, when the first answer was lost', async () => {
    await start();
    const run = await refresh();
    const lease = await claim(await coordinator.announced(run.id, 1));
    expect(await coordinator.worker.complete(lease, manifest(), progress)).toEqual({ held: true });
    expect(await coordinator.worker.complete(lease, manifest(), progress)).toEqual({ held: true });
    expect(await coordinator.worker.release(lease)).toEqual({ held: false });
  });

  it('costs no try when the lease is handed back', async () => {
    await start();
    const run = await refresh();
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      await coordinator.worker.release(await claim(await coordinator.announced(run.id, attempt)));
    }
    const fetch = await coordinator.announced(run.id, 6);
    expect(await coordinator.worker.claim(fetch.taskId, 6, 'w')).toMatchObject({ granted: true, spec: { tries: 1 } });
  });

  it('gives up after the attempts of the policy, and not before', async () => {
    await start();
    const run = await refresh();
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await coordinator.worker.fail(await claim(await coordinator.announced(run.id, attempt)), failure('stalled'), 0);
    }
    expect(await coordinator.ended(run.id)).toMatchObject({
      outcome: 'failed',
      failure: { code: 'attempts_exhausted', attributes: { lastCode: 'stalled', attempts: 3 } },
    });
    await coordinator.commanded(run.id, 'discard');
    expect((await view(run.id)).attempts.map(({ end }) => end)).toEqual(['failed', 'failed', 'failed']);
  });

  it('waits as long as the publisher asked before the next attempt', async () => {
    await start();
    const run = await refresh();
    await coordinator.worker.fail(await claim(await coordinator.announced(run.id, 1)), failure('rate_limited'), 60_000);
    await eventually('waiting', async () => (await view(run.id)).taskState === 'waiting');
    const [task] = await world.database.query<{ seconds: number }>(
      `SELECT extract(epoch FROM next_attempt_at - clock_timestamp())::float8 AS seconds FROM freshet.task`,
    );
    expect(task?.seconds).toBeGreaterThan(55);
  });

  it('ends at once on a terminal failure, of the fetcher or of a later stage', async () => {
    await start();
    const run = await refresh();
    await coordinator.worker.fail(await claim(await coordinator.announced(run.id, 1)), failure('payload_html'), 0);
    expect(await coordinator.ended(run.id)).toMatchObject({ outcome: 'failed', failure: { code: 'payload_html' } });

    const next = await refresh();
    const fetch = await coordinator.announced(next.id, 1);
    const lease = await claim(fetch);
    const event = {
      type: 'attempt.failed',
      dataset: 'demo.main',
      runId: next.id,
      taskId: fetch.taskId,
      attempt: 1,
      contentVersion: 'v1',
      stage: 'parser',
      failure: failure('column_unknown'),
    } as const;
    await coordinator.messaging.publish({ topic: TOPICS.runEvents, key: next.id, value: encodeMessage(event) });
    expect(await coordinator.ended(next.id)).toMatchObject({ outcome: 'failed', failure: { code: 'column_unknown' } });
    expect(await coordinator.worker.renew(lease, progress)).toMatchObject({ held: false });
  });

  it('is cancelled, and the fetcher is told', async () => {
    await start();
    const run = await refresh();
    const lease = await claim(await coordinator.announced(run.id, 1));
    expect(await coordinator.app.get(RefreshService).cancel(run.id)).toMatchObject({ state: 'cancelled' });
    expect(await coordinator.worker.renew(lease, progress)).toEqual({ held: false, leaseMs: 0, cancelled: true });
    await coordinator.commanded(run.id, 'discard');
    expect(await coordinator.ended(run.id)).toMatchObject({ outcome: 'cancelled' });
    const [task] = await world.database.query('SELECT attempt, state FROM freshet.task');
    expect(task).toEqual({ attempt: 2, state: 'cancelled' });
  });

  it('is cancelled although loaders hold the share lock of its task in turns', async () => {
    await start();
    const run = await refresh();
    const fetch = await coordinator.announced(run.id, 1);
    await claim(fetch);
    let stop = false;
    const { lockTask } = await import('@freshet/database');
    const loader = async (): Promise<void> => {
      while (!stop) {
        await world.database.transaction(async (tx) => {
          await lockTask(tx, fetch.taskId, 'shared');
          await tx.query('SELECT pg_sleep(0.04 + random() * 0.04)');
        });
      }
    };
    const loaders = [loader(), loader(), loader()];
    await new Promise((resolve) => setTimeout(resolve, 100));
    const startedAt = performance.now();
    await coordinator.app.get(RefreshService).cancel(run.id);
    const took = performance.now() - startedAt;
    stop = true;
    await Promise.all(loaders);
    expect((await view(run.id)).state).toBe('cancelled');
    expect(took).toBeLessThan(1_500);
  });

  it('fails by its gates, and leaves the published generation alone', async () => {
    await start({}, [
      definition('demo.main', { gates: { maxRefusedShare: 0.1, maxRowDrift: null, uniqueKey: 'hold' } }),
    ]);
    const run = await refresh();
    const fetch = await coordinator.announced(run.id, 1);
    await loadChunk(world.database, { ...fetch, rows: 8, refused: 2 });
    await coordinator.worker.complete(await claim(fetch), manifest(), progress);
    expect(await coordinator.ended(run.id)).toMatchObject({
      outcome: 'failed',
      failure: { code: 'gate_refused_share', attributes: { refused: 2 } },
    });
    expect(coordinator.commands.filter(({ type }) => type === 'publish')).toEqual([]);
  });

  it('is tried again when what was loaded does not add up', async () => {
    await start();
    const run = await refresh();
    const fetch = await coordinator.announced(run.id, 1);
    await loadChunk(world.database, { ...fetch, bytes: 99 });
    await coordinator.worker.complete(await claim(fetch), manifest(), progress);
    await coordinator.announced(run.id, 2);
    expect((await view(run.id)).attempts[0]).toMatchObject({ end: 'failed', failure: { code: 'balance_mismatch' } });
  });

  it('is re-issued by the watchdog when chunks never arrive, and its commands are repeated when nobody answers', async () => {
    await start({ watchdog: { unclaimedMs: 150, noProgressMs: 300, commandMs: 150 } });
    const run = await refresh();
    await eventually(
      'a second announcement',
      () => coordinator.fetches.filter(({ runId, attempt }) => runId === run.id && attempt === 1).length > 1,
    );
    await coordinator.worker.complete(await claim(await coordinator.announced(run.id, 1)), manifest(), progress);
    const second = await coordinator.announced(run.id, 2);
    expect((await view(run.id)).attempts[0]).toMatchObject({
      failure: { code: 'no_progress', attributes: { missingChunks: 1 } },
    });
    await loadChunk(world.database, second);
    await coordinator.worker.complete(await claim(second), manifest(), progress);
    await eventually(
      'a second command',
      () => coordinator.commands.filter(({ type }) => type === 'publish').length > 1,
    );
    await publishRun(world.database, run.id);
    expect(await coordinator.ended(run.id)).toMatchObject({ outcome: 'published' });
  });

  it('goes on after a dead letter with a new attempt, and stores the letter once', async () => {
    await start();
    const run = await refresh();
    const fetch = await coordinator.announced(run.id, 1);
    await claim(fetch);
    const chunk: ChunkFetched = {
      type: 'chunk.fetched',
      dataset: 'demo.main',
      runId: run.id,
      taskId: fetch.taskId,
      attempt: 1,
      contentVersion: 'v1',
      resource: 'main',
      chunk: 0,
      records: 1,
      header: [],
      checksum: '',
    };
    const letter = {
      topic: TOPICS.deadLetter,
      key: `${fetch.taskId}:main:0`,
      value: encodeMessage(chunk, Buffer.from('poison')),
      headers: {
        [HEADERS.deadLetterTopic]: TOPICS.chunkFetched,
        [HEADERS.deadLetterPartition]: '1',
        [HEADERS.deadLetterOffset]: '42',
        [HEADERS.deadLetterCode]: 'internal',
        [HEADERS.deadLetterReason]: 'cannot be parsed',
        [HEADERS.deadLetterStep]: 'parser',
      },
    };
    await coordinator.messaging.publish(letter);
    await coordinator.messaging.publish(letter);
    await coordinator.announced(run.id, 2);
    expect((await view(run.id)).attempts[0]).toMatchObject({
      end: 'failed',
      failure: { code: 'dead_lettered', attributes: { step: 'parser' } },
    });
    expect(await world.database.query('SELECT topic, "offset", run_id FROM freshet.dead_letter')).toEqual([
      { topic: TOPICS.chunkFetched, offset: '42', run_id: run.id },
    ]);
    // The letter of an attempt that is over changes nothing.
    await coordinator.messaging.publish(letter);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await view(run.id)).attempt).toBe(2);
  });

  it('fails when its publish command cannot be carried out by anybody', async () => {
    await start();
    const run = await refresh();
    await coordinator.fetchAndLoad(run.id);
    const command = { type: 'publish', commandId: randomUUID(), dataset: 'demo.main', runId: run.id } as const;
    await coordinator.messaging.publish({
      topic: TOPICS.deadLetter,
      key: 'demo.main',
      value: encodeMessage(command),
      headers: { [HEADERS.deadLetterReason]: 'broken', [HEADERS.deadLetterTopic]: TOPICS.loadCommanded },
    });
    expect(await coordinator.ended(run.id)).toMatchObject({ outcome: 'failed', failure: { code: 'dead_lettered' } });
  });

  it('stores what is not even a frame', async () => {
    await start();
    await coordinator.messaging.publish({
      topic: TOPICS.deadLetter,
      key: null,
      value: Buffer.from('rubbish\0'),
      headers: {},
    });
    await eventually(
      'the letter',
      async () => (await world.database.query('SELECT 1 FROM freshet.dead_letter')).length === 1,
    );
  });

  it('records the peak memory of processes, the largest value each, its own among them', async () => {
    await start();
    const run = await refresh();
    for (const peakRssBytes of [5, 9, 7]) {
      await coordinator.messaging.publish({
        topic: TOPICS.runEvents,
        key: run.id,
        value: encodeMessage({ type: 'process.peak', runId: run.id, service: 'parser', instance: 'p', peakRssBytes }),
      });
    }
    await eventually('the peak', async () =>
      (await view(run.id)).peakMemory.some(({ service, peakRssBytes }) => service === 'parser' && peakRssBytes === 9),
    );
    expect((await view(run.id)).peakMemory).toContainEqual(
      expect.objectContaining({ service: 'coordinator', instance: 'test' }),
    );
  });

  it('is one trace from its first message to its last, under its own id', async () => {
    await start();
    const run = await refresh();
    await coordinator.worker.fail(await claim(await coordinator.announced(run.id, 1)), failure('payload_html'), 0);
    await coordinator.ended(run.id);
    const sent = await world.database.query<{ traceparent: string }>(
      `SELECT headers ->> 'traceparent' AS traceparent FROM freshet.outbox WHERE headers ->> 'freshet-correlation-id' = $1`,
      [run.id],
    );
    expect(sent.length).toBeGreaterThanOrEqual(2);
    const traceId = run.id.replaceAll('-', '');
    expect(new Set(sent.map(({ traceparent }) => traceparent.split('-')[1]))).toEqual(new Set([traceId]));
  });

  it('tells what was noted about its rows, and when its files were written', async () => {
    await start();
    const run = await refresh();
    const { taskId } = await claim(await coordinator.announced(run.id, 1));
    for (const chunk of [0, 1]) await loadChunk(world.database, { taskId, attempt: 1, chunk });
    await world.database.execute(`UPDATE freshet.ledger SET notes = $2 WHERE task_id = $1`, [
      taskId,
      JSON.stringify({ 'column_added:NEW': 10, 'check_range:ID': 1 }),
    ]);
    await world.database.execute(
      `INSERT INTO freshet.export_file (run_id, path, resource, generation, bytes, sha256) VALUES ($1, 'a.bin', 'main', 1, 5, 'ab')`,
      [run.id],
    );
    const { notes, files } = await view(run.id);
    expect(notes).toEqual([
      { resource: 'main', note: 'check_range:ID', rows: 2 },
      { resource: 'main', note: 'column_added:NEW', rows: 20 },
    ]);
    expect(files).toEqual([
      expect.objectContaining({ path: 'a.bin', resource: 'main', writtenAt: expect.stringMatching(/^20.*\.\d{3}Z$/) }),
    ]);
  });

  it('gives way, waits or is refused by the policy of its dataset', async () => {
    await start({}, [
      definition('demo.main'),
      definition('demo.queue', { concurrency: 'queue' }),
      definition('demo.replace', { concurrency: 'replace' }),
    ]);
    const running = await refresh();
    await expect(refresh()).rejects.toMatchObject({
      kind: 'conflict',
      body: { error: expect.stringContaining(running.id) },
    });

    const first = await refresh({ dataset: 'demo.queue' });
    const second = await refresh({ dataset: 'demo.queue' });
    expect([first.state, second.state]).toEqual(['running', 'queued']);
    await coordinator.app.get(RefreshService).cancel(first.id);
    await coordinator.announced(second.id, 1);

    const old = await refresh({ dataset: 'demo.replace' });
    const fresh = await refresh({ dataset: 'demo.replace' });
    await coordinator.announced(fresh.id, 1);
    expect((await view(old.id)).state).toBe('cancelled');
  });

  it('is started once for one idempotency key, also when it is asked for at the same time', async () => {
    await start();
    const runs = await Promise.all(Array.from({ length: 6 }, () => refresh({ idempotencyKey: 'tick' })));
    expect(new Set(runs.map(({ id }) => id)).size).toBe(1);
    expect(await refresh({ idempotencyKey: 'tick' })).toMatchObject({ id: runs[0]?.id });
  });

  it('is repeated by a new run with the same parameters', async () => {
    await start();
    const run = await refresh({ force: true });
    await expect(coordinator.app.get(RefreshService).retry(run.id)).rejects.toMatchObject({ kind: 'conflict' });
    await coordinator.worker.fail(await claim(await coordinator.announced(run.id, 1)), failure('payload_html'), 0);
    await coordinator.ended(run.id);
    expect(await coordinator.app.get(RefreshService).retry(run.id)).toMatchObject({
      trigger: 'retry',
      force: true,
      dataset: 'demo.main',
      state: 'running',
    });
  });

  it('stands still while its dataset is not defined, and can be cancelled all the same', async () => {
    await start();
    const run = await refresh();
    await coordinator.stop();
    await start({ tickMs: { active: 20, idle: 20 } }, [definition('demo.other')]);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await view(run.id)).state).toBe('running');
    expect(await coordinator.app.get(RefreshService).cancel(run.id)).toMatchObject({ state: 'cancelled' });
  });

  it('goes on after a restart: at once where everything lives in one process', async () => {
    await start();
    const run = await refresh();
    await claim(await coordinator.announced(run.id, 1));
    await coordinator.stop();
    await start({ expireLeasesAtStart: true });
    const fetch = await coordinator.announced(run.id, 2);
    expect(await coordinator.worker.claim(fetch.taskId, 2, 'w')).toMatchObject({ granted: true, spec: { tries: 1 } });
    await coordinator.stop();
    // Publishing when the process died: the command is sent again.
    await start({ expireLeasesAtStart: true });
    const third = await coordinator.fetchAndLoad(run.id, 3);
    expect(third.attempt).toBe(3);
    await coordinator.stop();
    await start({ expireLeasesAtStart: true });
    await coordinator.commanded(run.id, 'publish');
  });
});

const failure = (code: FreshetError['code']) => new FreshetError(code, { message: code, nextStep: 'wait' }).toFailure();

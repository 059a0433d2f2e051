import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OpenLineageEvent } from './event';
import { FileSink, HttpSink } from './sink';

const event = { eventType: 'START', eventTime: '2026-11-20T05:15:01.000Z' } as OpenLineageEvent;
const { signal } = new AbortController();

describe('sinks of OpenLineage events', () => {
  const sent: Array<{ url: string; init: RequestInit | undefined }> = [];
  const answering =
    (status: number): typeof fetch =>
    (url, init) => {
      sent.push({ url: String(url), init });
      return Promise.resolve(new Response(null, { status }));
    };
  beforeEach(() => void sent.splice(0));

  it('post to a server where clients of OpenLineage do, or to the whole address', async () => {
    const bare = new HttpSink({ url: 'http://marquez:5000', apiKey: 'secret', fetch: answering(201) });
    expect(await bare.send(event, signal)).toEqual({ state: 'sent' });
    expect(sent[0]?.url).toBe('http://marquez:5000/api/v1/lineage');
    expect(new Headers(sent[0]?.init?.headers).get('authorization')).toBe('Bearer secret');
    expect(JSON.parse(String(sent[0]?.init?.body))).toEqual(event);
    await new HttpSink({ url: 'https://lineage.example/events?tenant=a', fetch: answering(200) }).send(event, signal);
    expect(sent[1]?.url).toBe('https://lineage.example/events?tenant=a');
    expect(new Headers(sent[1]?.init?.headers).has('authorization')).toBe(false);
  });

  it('try again what may go better, and take a refusal as final', async () => {
    const answer = (status: number) => new HttpSink({ url: 'http://x', fetch: answering(status) }).send(event, signal);
    expect(await answer(503)).toMatchObject({ state: 'retry' });
    expect(await answer(422)).toEqual({ state: 'refused', reason: 'HTTP 422' });
  });

  it('append a line to a file, and say what is wrong with it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'freshet-lineage-'));
    const file = new FileSink(join(folder, 'events.ndjson'));
    expect(await file.send(event)).toEqual({ state: 'sent' });
    expect(await file.send(event)).toEqual({ state: 'sent' });
    const lines = readFileSync(join(folder, 'events.ndjson'), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([event, event]);
    expect(await new FileSink(join(folder, 'no', 'x')).send(event)).toMatchObject({ state: 'retry', reason: 'ENOENT' });
    rmSync(folder, { recursive: true });
  });
});

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FreshetError, type DatasetDefinition, type PagedJson } from '@freshet/domain';
import { serveArchive, type ArchiveServer } from '../testing/archive-server';
import { closeConnections, connectorTask } from '../testing/connector-task';
import { PAGING, pagedDefinition, spec } from '../testing/parts';
import { pagedJson } from './paged-json';

const SECRET = 'sEcReT/k"y-0123456789';
const CREDENTIAL = { variable: 'TEST_KEY', header: 'X-Api-Key', required: true } as const;
const WINDOW = { from: '2026-11-10T00:00:00Z', to: '2026-11-10T10:00:00Z' };
const AT = '2026-11-20T13:00:00.000Z';

const row = (number: number, respondent = 'PJM'): object => ({
  period: String(number),
  respondent,
  value: `${number}`,
});
const rows = (count: number, respondent?: string): object[] =>
  Array.from({ length: count }, (_, n) => row(n, respondent));
const body = (data: unknown, total: unknown, more: object = {}): string =>
  JSON.stringify({ response: { total, data, ...more } });
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

let server: ArchiveServer;
/** One answer a request; the last one for all that follow. */
let answers: Array<string | ((response: ServerResponse) => void)>;
beforeEach(async () => {
  answers = [];
  server = await serveArchive(Buffer.alloc(0));
  server.answer = (response) => {
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (typeof answer === 'function') answer(response);
    else response.end(answer ?? '');
  };
});
afterEach(async () => {
  closeConnections();
  await server.close();
});

const paged = (paging: Partial<PagedJson> = {}, over: Partial<DatasetDefinition> = {}): DatasetDefinition =>
  pagedDefinition(server.host, { paging: { ...PAGING, ...paging }, ...over });
const asked = (name: string): Array<string | null> =>
  server.requests.map(({ url }) => new URL(url ?? '', 'http://h').searchParams.get(name));

async function failure(work: Promise<unknown>): Promise<FreshetError> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof FreshetError) return error;
  throw new Error(`no failure with a name: ${String(error)}`);
}

describe('a paged API', () => {
  it('is asked until offset and rows make the total, and says which chunks came from which request', async () => {
    answers = [body(rows(100), '201'), body(rows(100), 201), body(rows(1, 'CISO'), '201')];
    const { task, emitted, lines, permits } = connectorTask(paged(), { spec: spec({ window: WINDOW }) });
    const manifest = await pagedJson.fetch(task);
    expect(asked('offset')).toEqual(['0', '100', '200']);
    expect(permits()).toBe(3);
    const all = [...rows(100), ...rows(100), ...rows(1, 'CISO')].map((entry) => JSON.stringify(entry));
    expect(lines()).toEqual(all);
    expect(emitted.map(({ chunk }) => chunk.index)).toEqual([...emitted.keys()]);
    const text = `${all.join('\n')}\n`;
    expect(manifest).toMatchObject({
      outcome: 'fetched',
      access: { kind: 'api', url: `http://${server.host}/a.zip`, skipped: [] },
      validators: {},
      resources: [{ resource: 'one', chunks: emitted.length, records: 201, bytes: text.length, sha256: sha256(text) }],
      window: WINDOW,
      selected: ['PJM', 'CISO'],
    });
    const chunks = manifest.requests?.map((request) => request.chunks);
    expect(chunks).toEqual([
      [0, 1],
      [2, 3],
      [4, 4],
    ]);
    expect(manifest.requests?.[1]).toMatchObject({
      at: AT,
      status: 200,
      records: 100,
      bytes: body(rows(100), 201).length,
      sha256: sha256(body(rows(100), 201)),
    });
    expect(manifest.requests?.[1]?.url).toMatch(/respondent%5D%5B%5D=PJM.*offset=100/);
  });

  it('gives the header of what it found, for each chunk and for all', async () => {
    answers = [body([row(1), { ...row(2), extra: 1 }], 2)];
    const { task, emitted } = connectorTask(paged(), { chunkBytes: 1 });
    const manifest = await pagedJson.fetch(task);
    const known = ['period', 'respondent', 'value', 'source'];
    expect(emitted.map(({ chunk }) => chunk.header)).toEqual([known, [...known, 'extra']]);
    expect(manifest.resources[0]?.header).toEqual([...known, 'extra']);
  });

  it('goes on where a publisher gives fewer rows than were asked for, or more', async () => {
    answers = [body(rows(30), 85), body(rows(50), 85), body(rows(5), 85)];
    const { task } = connectorTask(paged({ pageSize: 40 }));
    expect((await pagedJson.fetch(task)).resources[0]?.records).toBe(85);
    expect(asked('offset')).toEqual(['0', '30', '80']);
  });

  it('asks for what it was told to, by code or alias, and divides what does not fit a page', async () => {
    answers = [body(rows(1, 'MISO'), 1)];
    const { task } = connectorTask(paged({ pageSize: 5 }), {
      spec: spec({ window: WINDOW, only: ['miso-alias', 'MISO'] }),
    });
    const manifest = await pagedJson.fetch(task);
    expect(manifest.selected).toEqual(['MISO']);
    expect(asked('facets[respondent][]')).toEqual(['MISO', 'MISO']);
    expect(asked('start')).toEqual(['2026-11-10T00', '2026-11-10T05']);
    expect(asked('end')).toEqual(['2026-11-10T04', '2026-11-10T09']);
  });

  it('fails before any request for a code nobody knows', async () => {
    const { task } = connectorTask(paged(), { spec: spec({ only: ['CAISO'] }) });
    expect(await failure(pagedJson.fetch(task))).toMatchObject({ code: 'code_unknown', kind: 'terminal' });
    expect(server.requests).toHaveLength(0);
  });

  it('keeps what the publisher warned of, in either place, and names values without a row', async () => {
    const warning = { warning: 'incomplete return', description: 'only 5000 rows' };
    answers = [JSON.stringify({ warnings: ['plain'], response: { warnings: [warning], total: 1, data: [row(1)] } })];
    const { task, logged } = connectorTask(paged());
    const { requests } = await pagedJson.fetch(task);
    expect(requests?.[0]?.warnings).toEqual(['plain', 'incomplete return: only 5000 rows', 'no rows for CISO']);
    expect(logged.join()).toContain('no records for CISO');
  });

  it.each<[string, () => string[], string, Partial<PagedJson>]>([
    ['the total changes in mid-paging', () => [body(rows(2), 5), body(rows(2), 6)], 'total_changed', {}],
    ['there are more rows than the total', () => [body(rows(3), 2)], 'total_changed', {}],
    ['a page is empty before the total is reached', () => [body(rows(2), 5), body([], 5)], 'payload_incomplete', {}],
    ['there are more pages than allowed', () => [body(rows(1), 50)], 'page_limit', { maxPages: 3 }],
    ['there is nothing at all', () => [body([], '0')], 'resource_empty', {}],
    ['there is no total', () => [body(rows(1), undefined)], 'payload_unknown', {}],
    ['the total is no number', () => [body(rows(1), 'many')], 'payload_unknown', {}],
    ['there is no list', () => ['{"response":{"total":3}}'], 'payload_unknown', {}],
    ['a page is too large', () => [body(rows(100), 100)], 'payload_too_large', { maxPageBytes: 1000 }],
  ])('fails by name when %s', async (_, given, code, paging) => {
    answers = given();
    const { task } = connectorTask(paged(paging), { spec: spec({ window: WINDOW }) });
    const { code: found, nextStep } = await failure(pagedJson.fetch(task));
    expect([found, nextStep.length > 20]).toEqual([code, true]);
  });

  it('says what it asked for when there is nothing', async () => {
    answers = [body([], 0)];
    const { task } = connectorTask(paged(), { spec: spec({ window: WINDOW }) });
    const { message } = await failure(pagedJson.fetch(task));
    expect(message).toContain('PJM, CISO from 2026-11-10T00:00:00Z to 2026-11-10T10:00:00Z');
  });

  it('takes no rows for an answer where the resource need not have any', async () => {
    answers = [body([], 0)];
    const definition = paged();
    const resources = definition.resources.map((entry) => ({ ...entry, required: false }));
    const { task } = connectorTask({ ...definition, resources });
    expect(await pagedJson.fetch(task)).toMatchObject({ resources: [{ records: 0, chunks: 0, header: [] }] });
  });
});

describe('a request that fails in passing', () => {
  const trouble = (response: ServerResponse): void =>
    void response.writeHead(500).end('Something unexpected happened.');
  const cut = (response: ServerResponse): void => {
    const whole = body(rows(50), 100);
    response.writeHead(200, { 'content-length': String(whole.length) }).write(whole.slice(0, 300));
    setImmediate(() => response.destroy());
  };

  it('is sent again, each time with a permit, and nothing is emitted twice', async () => {
    answers = [body(rows(50), 100), trouble, cut, body(rows(50), 100).slice(0, 900), body(rows(50), 100)];
    const { task, emitted, lines, permits, logged } = connectorTask(paged(), { chunkBytes: 100 });
    const manifest = await pagedJson.fetch(task);
    expect([permits(), manifest.requests?.length, lines().length]).toEqual([5, 2, 100]);
    expect(emitted.map(({ chunk }) => chunk.index)).toEqual([...emitted.keys()]);
    expect(manifest.bytesReceived).toBeGreaterThan(2 * body(rows(50), 100).length + 900);
    expect(logged.filter((line) => line.startsWith('asking again'))).toHaveLength(3);
  });

  it('is given up after four times', async () => {
    answers = [trouble];
    const { task, permits } = connectorTask(paged());
    expect(await failure(pagedJson.fetch(task))).toMatchObject({ code: 'http_server_error', kind: 'transient' });
    expect(permits()).toBe(4);
  });

  it('is not sent again at once when the publisher asks for patience', async () => {
    answers = [(response) => response.writeHead(503, { 'retry-after': '600' }).end('later')];
    const { task, permits } = connectorTask(paged());
    expect((await failure(pagedJson.fetch(task))).attributes.retryAfterMs).toBe(600_000);
    expect(permits()).toBe(1);
  });

  it('is not sent without a permit', async () => {
    const reason = new FreshetError('fenced', { message: 'no', nextStep: '' });
    const { task } = connectorTask(paged(), { permit: () => Promise.reject(reason) });
    await expect(pagedJson.fetch(task)).rejects.toBe(reason);
    expect(server.requests).toHaveLength(0);
  });

  it('leaves the publisher alone once it suspended us, and tells everybody', async () => {
    const refusal = JSON.stringify({ error: { code: 'OVER_RATE_LIMIT', message: 'slow down' } });
    answers = [(response) => response.writeHead(429, { 'retry-after': '7' }).end(refusal), body(rows(1), 1)];
    const { task, coolDowns, permits } = connectorTask(paged());
    expect(await failure(pagedJson.fetch(task))).toMatchObject({
      code: 'rate_limited',
      kind: 'transient',
      attributes: { retryAfterMs: 7000 },
    });
    expect([coolDowns, permits()]).toEqual([[7000], 1]);
  });

  it('is not sent again for an error of ours', async () => {
    answers = [(response) => response.writeHead(400).end('{"error":"Invalid facet \'x\' provided.","code":400}')];
    const { task, permits } = connectorTask(paged());
    expect(await failure(pagedJson.fetch(task))).toMatchObject({ code: 'api_error', kind: 'terminal' });
    expect(permits()).toBe(1);
  });
});

describe('a credential', () => {
  const withKey = (): DatasetDefinition => paged({}, { credential: CREDENTIAL });

  it('travels in its header and nowhere else, and is taken out of what the publisher echoes', async () => {
    const echo = { request: { params: { api_key: SECRET } } };
    const warnings = [{ warning: 'seen', description: `key ${SECRET}, ${encodeURIComponent(SECRET)}` }];
    answers = [JSON.stringify({ ...echo, response: { total: 1, data: [{ ...row(1), note: SECRET }], warnings } })];
    const { task, lines, logged } = connectorTask(withKey(), { secret: SECRET });
    const manifest = await pagedJson.fetch(task);
    expect(server.requests[0]?.headers['x-api-key']).toBe(SECRET);
    expect(server.requests[0]?.url).not.toContain('sEcReT');
    const kept = JSON.stringify([manifest, lines(), logged]);
    expect(kept).not.toContain('sEcReT');
    expect(kept).toContain('***');
  });

  it('may look like a part of the answer', async () => {
    answers = [body(rows(1), 1, { warnings: ['the data are old'] })];
    const { task } = connectorTask(withKey(), { secret: 'data' });
    const { requests } = await pagedJson.fetch(task);
    expect(requests?.[0]).toMatchObject({ records: 1, warnings: ['the *** are old', 'no rows for CISO'] });
  });

  it('stands in no failure', async () => {
    const said = JSON.stringify({ error: { code: 'API_KEY_INVALID', message: `${SECRET} is not a key` } });
    answers = [(response) => response.writeHead(403).end(said)];
    const { task, logged } = connectorTask(withKey(), { secret: SECRET });
    const { code, message, attributes, nextStep } = await failure(pagedJson.fetch(task));
    expect(code).toBe('api_key_refused');
    expect(nextStep).toContain('TEST_KEY');
    expect(JSON.stringify([message, attributes, logged])).not.toContain('sEcReT');
    answers = [(response) => response.writeHead(403).end(`<html><title>${SECRET}</title></html>`)];
    expect((await failure(pagedJson.fetch(task))).message).not.toContain('sEcReT');
  });

  it('is needed before anything is asked', async () => {
    const { task, permits } = connectorTask(withKey());
    const { code, kind, message, nextStep } = await failure(pagedJson.fetch(task));
    expect([code, kind, permits(), server.requests.length]).toEqual(['api_key_refused', 'terminal', 0, 0]);
    expect(message).toContain('TEST_KEY is not set');
    expect(nextStep).toContain('TEST_KEY_FILE');
  });

  it('may be left out where the definition says so', async () => {
    answers = [body(rows(1), 1)];
    const { task } = connectorTask(paged({}, { credential: { ...CREDENTIAL, required: false } }));
    await pagedJson.fetch(task);
    expect(server.requests[0]?.headers).not.toHaveProperty('x-api-key');
  });
});

describe('a file instead of the publisher', () => {
  const folder = mkdtempSync(join(tmpdir(), 'freshet-answer-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'answer.json');
  const fetchFile = (content: string) => {
    writeFileSync(path, content);
    utimesSync(path, new Date('2026-11-01T00:00:00Z'), new Date('2026-11-01T00:00:00Z'));
    const watched = connectorTask(paged({}, { credential: CREDENTIAL }), {
      spec: spec({ file: path, window: WINDOW }),
    });
    return { ...watched, done: pagedJson.fetch(watched.task) };
  };

  it('goes the same way, without a key or a permit, as an answer of the time it was written', async () => {
    const { done, lines, permits } = fetchFile(body([row(1), row(2, 'CISO')], '2'));
    const manifest = await done;
    expect(lines()).toHaveLength(2);
    expect([permits(), server.requests.length]).toEqual([0, 0]);
    expect(manifest).toMatchObject({
      access: { kind: 'file', url: path },
      resources: [{ records: 2, chunks: 1 }],
      requests: [{ url: path, at: '2026-11-01T00:00:00.000Z', chunks: [0, 0] }],
      selected: ['CISO', 'PJM'],
      window: WINDOW,
    });
  });

  it.each<[string, string, string]>([
    ['one page of several', body(rows(3), 10), 'payload_incomplete'],
    ['cut off', body(rows(3), 3).slice(0, -20), 'payload_incomplete'],
    ['a page of the web', '<html></html>', 'payload_html'],
    ['empty', '', 'payload_empty'],
    ['something else', '{"a":1}', 'payload_unknown'],
    ['an error that was kept', '{"error":"Not found.","code":404}', 'api_error'],
    ['an answer without rows', body([], 0), 'resource_empty'],
  ])('is refused when it is %s', async (_, content, code) => {
    const { kind, code: found, message } = await failure(fetchFile(content).done);
    expect([found, kind]).toEqual([code, 'terminal']);
    expect(message).toContain(path);
  });
});

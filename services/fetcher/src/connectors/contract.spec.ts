import { FreshetError, silentLogger, type DatasetDefinition, type TaskManifest } from '@freshet/domain';
import { HttpClient } from '@freshet/publisher';
import type { CutChunk } from '../cutters/cutter';
import { serveArchive, type ArchiveServer } from '../testing/archive-server';
import { handMadeZip } from '../testing/hand-made-zip';
import { definition, pagedDefinition, resource, spec } from '../testing/parts';
import type { ConnectorTask } from './connector';
import { assertConnectors, CONNECTORS } from './registry';

const RECORDS = Array.from({ length: 300 }, (_, index) => `${index},x\n`).join('');

interface Case {
  readonly payload: Buffer;
  readonly definition: (host: string) => DatasetDefinition;
}

/** A payload of some chunks for each connector: a new connector adds its own here. */
const CASES: Readonly<Record<keyof typeof CONNECTORS, Case>> = {
  'zip-archive': {
    payload: handMadeZip([
      { name: 'f/one.txt', content: `A,B\n${RECORDS}` },
      { name: 'f/two.txt', content: 'C\n1\n' },
      { name: 'f/other.txt', content: 'x' },
    ]),
    definition: (host) => definition(host, { resources: [resource('one'), resource('two')] }),
  },
  'paged-json': {
    payload: Buffer.from(
      JSON.stringify({
        response: {
          total: '300',
          data: Array.from({ length: 300 }, (_, index) => ({ period: `${index}`, respondent: 'PJM', value: index })),
        },
      }),
    ),
    definition: (host) => pagedDefinition(host),
  },
};

describe.each(Object.entries(CONNECTORS))('the connector %s', (name, connector) => {
  const made = CASES[name as keyof typeof CONNECTORS];
  let server: ArchiveServer;
  let http: HttpClient;
  beforeEach(async () => {
    server = await serveArchive(made.payload);
    http = new HttpClient({ timeouts: { connectMs: 2000, stallMs: 2000 }, allowPrivateHosts: [server.host] });
  });
  afterEach(async () => {
    http.close();
    await server.close();
  });

  type Emitted = Array<{ resource: string; chunk: CutChunk }>;
  function task(over: Partial<ConnectorTask> = {}): { task: ConnectorTask; emitted: Emitted } {
    const emitted: Emitted = [];
    const given: ConnectorTask = {
      definition: made.definition(server.host),
      spec: spec(),
      http,
      signal: new AbortController().signal,
      logger: silentLogger,
      clock: { now: () => new Date(0) },
      secret: null,
      permit: async () => undefined,
      coolDown: async () => undefined,
      chunkBytes: 256,
      localFiles: false,
      emit: async (of, chunk) => void emitted.push({ resource: of, chunk }),
      progress: { bytesReceived: 0, bytesExpected: 0 },
      ...over,
    };
    return { task: given, emitted };
  }

  const sums = (
    emitted: Emitted,
    of: string,
  ): Pick<TaskManifest['resources'][number], 'chunks' | 'records' | 'bytes'> => {
    const chunks = emitted.filter((entry) => entry.resource === of).map(({ chunk }) => chunk);
    expect(chunks.map(({ index }) => index)).toEqual([...chunks.keys()]);
    return {
      chunks: chunks.length,
      records: chunks.reduce((sum, chunk) => sum + chunk.records, 0),
      bytes: chunks.reduce((sum, chunk) => sum + chunk.body.length, 0),
    };
  };

  it('gives a manifest that is exactly what it emitted, twice the same', async () => {
    const runs = [];
    for (let run = 0; run < 2; run += 1) {
      const { task: given, emitted } = task();
      const manifest = await connector.fetch(given);
      for (const entry of manifest.resources) expect(entry).toMatchObject(sums(emitted, entry.resource));
      expect(manifest.resources.map((entry) => entry.resource)).toEqual(
        given.definition.resources.map((entry) => entry.name),
      );
      expect(given.progress.bytesReceived).toBe(manifest.bytesReceived);
      runs.push({ manifest, emitted });
    }
    expect(runs[1]).toEqual(runs[0]);
  });

  it('waits while there is no room for more', async () => {
    let going = 0;
    const { task: given } = task({
      emit: async () => {
        going += 1;
        expect(going).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        going -= 1;
      },
    });
    await connector.fetch(given);
  });

  it('ends with the reason of its signal', async () => {
    const abort = new AbortController();
    const reason = new FreshetError('cancelled', { message: 'enough', nextStep: '' });
    server.answer = (response) => {
      response.writeHead(200).write(made.payload.subarray(0, 50));
      abort.abort(reason);
    };
    await expect(connector.fetch(task({ signal: abort.signal }).task)).rejects.toBe(reason);
  });

  it('fails by name when there is nothing, a page, or an error', async () => {
    const answers: Array<[ArchiveServer['answer'], string]> = [
      [(response) => response.end(), 'payload_empty'],
      [(response) => response.end('<html></html>'), 'payload_html'],
      [(response) => response.writeHead(500).end(), 'http_server_error'],
    ];
    for (const [answer, code] of answers) {
      server.answer = answer;
      await expect(connector.fetch(task().task)).rejects.toMatchObject({ code });
    }
  });
});

describe('the registry', () => {
  it('refuses a definition that names something missing', () => {
    const known = definition('h');
    expect(() => assertConnectors([known])).not.toThrow();
    expect(() => assertConnectors([{ ...known, connector: 'rss' as 'zip-archive' }])).toThrow('rss');
  });
});

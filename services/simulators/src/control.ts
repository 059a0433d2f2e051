import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { BseePublisher, EiaPublisher } from '@freshet/testing/publishers';
import { z } from 'zod';

export interface Publishers {
  readonly bsee: BseePublisher;
  readonly eia: EiaPublisher;
}

const MAX_BODY_BYTES = 64 * 1024;

const dataset = z.enum(['bsee.well', 'bsee.production', 'bsee.war']);
const archiveFault = z.object({
  dataset,
  fault: z.looseObject({ kind: z.string() }),
  /** How many downloads meet it; all of them when not set. */
  requests: z.number().int().positive().optional(),
});
const eiaFault = z.looseObject({ kind: z.string() });

type BseeFault = Parameters<BseePublisher['set']>[1];
type EiaFault = Parameters<EiaPublisher['fault']>[0];

/** What can be done to a publisher, by `POST /<publisher>/<verb>`. */
const VERBS: Readonly<Record<string, (publishers: Publishers, body: unknown) => unknown>> = {
  /** The archive as of a vintage: other rows, a later stamp. */
  'bsee/revise': ({ bsee }, body) => {
    const { dataset: id, vintage } = z.object({ dataset, vintage: z.number().int().min(0) }).parse(body);
    return { vintage: bsee.revise(id, vintage) };
  },
  /** The same rows under a later stamp, as every night. */
  'bsee/rebuild': ({ bsee }, body) => bsee.rebuild(z.object({ dataset }).parse(body).dataset),
  'bsee/fault': ({ bsee }, body) => {
    const { dataset: id, fault, requests } = archiveFault.parse(body);
    bsee.set(id, fault as BseeFault, { requests });
  },
  'bsee/reset': ({ bsee }) => {
    for (const id of dataset.options) bsee.set(id, null);
  },
  'eia/fault': ({ eia }, body) => eia.fault(eiaFault.parse(body) as EiaFault),
  'eia/reset': ({ eia }) => eia.reset(),
};

/** The control interface of the simulators: `GET /health`, `POST /<publisher>/<verb>` with a JSON body. Errors are 400 with a message. */
export function controlListener(publishers: Publishers): RequestListener {
  return (request, response) =>
    void answer(publishers, request).then(
      ({ status, body }) => send(response, status, body),
      (error: unknown) => send(response, 400, { error: messageOf(error) }),
    );
}

async function answer(publishers: Publishers, request: IncomingMessage): Promise<{ status: number; body: unknown }> {
  const path = new URL(request.url ?? '/', 'http://control').pathname.slice(1);
  if (request.method === 'GET' && path === 'health') return { status: 200, body: { status: 'ok' } };
  const verb = request.method === 'POST' && Object.hasOwn(VERBS, path) ? VERBS[path] : undefined;
  if (!verb)
    return { status: 404, body: { error: `there is no ${path}; there are: ${Object.keys(VERBS).join(', ')}` } };
  const text = await textOf(request);
  return { status: 200, body: verb(publishers, text === '' ? {} : JSON.parse(text)) ?? {} };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request) {
    bytes += (piece as Buffer).length;
    if (bytes > MAX_BODY_BYTES) throw new Error(`the body has more than ${MAX_BODY_BYTES} bytes`);
    pieces.push(piece as Buffer);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}

const messageOf = (error: unknown): string =>
  error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : String(error);

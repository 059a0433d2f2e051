import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { EiaFault } from './faults';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export const json = (status: number, body: unknown): Answer => ({
  status,
  type: 'application/json',
  body: JSON.stringify(body),
});

const PIECES = 20;

/** Writes an answer with whatever is to go wrong on the way; gives the bytes handed to the socket. */
export async function send(response: ServerResponse, answer: Answer, fault: EiaFault | undefined): Promise<number> {
  let bytes = Buffer.from(answer.body);
  if (fault?.kind === 'cut-json') bytes = bytes.subarray(0, Math.floor(bytes.length / 2));
  const head = { 'content-type': answer.type, 'content-length': String(bytes.length) };
  switch (fault?.kind) {
    case 'drop':
      response.socket?.destroy();
      return 0;
    case 'cut-body':
    case 'stall': {
      const half = bytes.subarray(0, Math.floor(bytes.length / 2));
      response.writeHead(answer.status, head);
      await new Promise<void>((resolve) => response.write(half, () => resolve()));
      if (fault.kind === 'cut-body') response.socket?.destroy();
      return half.length;
    }
    case 'slow-body': {
      response.writeHead(answer.status, head);
      const size = Math.max(1, Math.ceil(bytes.length / PIECES));
      for (let at = 0; at < bytes.length && !response.destroyed; at += size) {
        response.write(bytes.subarray(at, at + size));
        await pause(fault.everyMs ?? 50);
      }
      response.end();
      return bytes.length;
    }
    default:
      response.writeHead(answer.status, head);
      response.end(bytes);
      return bytes.length;
  }
}

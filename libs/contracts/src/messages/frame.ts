import { FreshetError } from '@freshet/domain';

/**
 * Every message is one frame: `F1`, the length of the JSON part (4 bytes, big endian), the JSON part, the body.
 * The JSON part says what the message is; the body carries bytes (a chunk, a batch) untouched and is empty for events.
 */
const MAGIC = Buffer.from('F1', 'latin1');
const PREFIX = MAGIC.length + 4;

export interface Frame {
  readonly meta: unknown;
  readonly body: Buffer;
}

export function encodeFrame(meta: object, body: Buffer | readonly Buffer[] = []): Buffer {
  const json = Buffer.from(JSON.stringify(meta), 'utf8');
  const prefix = Buffer.allocUnsafe(PREFIX);
  MAGIC.copy(prefix);
  prefix.writeUInt32BE(json.length, MAGIC.length);
  return Buffer.concat([prefix, json, ...(Buffer.isBuffer(body) ? [body] : body)]);
}

/** @throws FreshetError `message_invalid` for anything that is not a frame. The body is a view, not a copy. */
export function decodeFrame(value: Buffer): Frame {
  if (value.length < PREFIX || !value.subarray(0, MAGIC.length).equals(MAGIC))
    throw invalid('it is not a Freshet frame');
  const length = value.readUInt32BE(MAGIC.length);
  const end = PREFIX + length;
  if (end > value.length) throw invalid(`its JSON part claims ${length} bytes, ${value.length - PREFIX} are there`);
  try {
    return { meta: JSON.parse(value.toString('utf8', PREFIX, end)), body: value.subarray(end) };
  } catch (cause) {
    throw invalid('its JSON part cannot be parsed', cause);
  }
}

function invalid(why: string, cause?: unknown): FreshetError {
  return new FreshetError('message_invalid', {
    message: `a message cannot be read: ${why}`,
    nextStep: 'Look at the dead letter; a producer of another version, or of another system, writes to this topic.',
    cause,
  });
}

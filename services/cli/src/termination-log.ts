import { writeFileSync } from 'node:fs';
import { printable } from './output/text';

/** Why a command ends with a code other than 0. */
export interface Reason {
  /** What failed, with the names a person needs to look further: `bsee.well: run … failed: http_server_error`. */
  readonly what: string;
  readonly message?: string;
  readonly nextStep?: string;
}

/** Kubernetes keeps this much of a container's termination message. */
export const TERMINATION_LOG_BYTES = 4096;
/** Below this a reason says nothing any more; further reasons are counted instead. */
const SHORTEST_SHARE = 200;

/** Reasons as one text of at most `limit` bytes; where they do not fit, every one of them is shortened rather than some dropped. */
export function terminationText(reasons: readonly Reason[], limit = TERMINATION_LOG_BYTES): string {
  const texts = reasons.map(textOf);
  const whole = texts.join('\n\n');
  if (Buffer.byteLength(whole) <= limit) return whole;
  const share = Math.max(SHORTEST_SHARE, Math.floor(limit / texts.length) - 2);
  const shown: string[] = [];
  let used = 0;
  for (const text of texts) {
    const part = cut(text, share);
    const left = texts.length - shown.length;
    // Room for the line that counts the rest, unless this is the last one.
    if (used + Buffer.byteLength(part) + 2 + (left > 1 ? 40 : 0) > limit) {
      shown.push(`… and ${left} more`);
      break;
    }
    shown.push(part);
    used += Buffer.byteLength(part) + 2;
  }
  return cut(shown.join('\n\n'), limit);
}

/** @returns what went wrong writing it, if anything; the exit code of the command does not depend on it. */
export function writeTerminationLog(path: string, reasons: readonly Reason[]): string | undefined {
  try {
    writeFileSync(path, `${terminationText(reasons, TERMINATION_LOG_BYTES - 1)}\n`);
    return undefined;
  } catch (error) {
    return `FRESHET_TERMINATION_LOG: ${path} cannot be written (${(error as NodeJS.ErrnoException).code ?? String(error)})`;
  }
}

const textOf = ({ what, message, nextStep }: Reason): string =>
  [what, ...(message ? [message] : []), ...(nextStep ? [`Next step: ${nextStep}`] : [])]
    .map((line) => line.split('\n').map(printable).join('\n'))
    .join('\n');

/** The first `limit` bytes of `text` without half a character; `…` stands for what was cut. */
function cut(text: string, limit: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= limit) return text;
  let end = limit - Buffer.byteLength('…');
  // Continuation bytes of UTF-8 are 10xxxxxx: a cut before one of them would split a character.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${bytes.subarray(0, end).toString('utf8')}…`;
}

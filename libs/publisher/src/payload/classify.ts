import { FreshetError } from '@freshet/domain';
import { safeUrl } from '../http/failures';

export type PayloadClass = 'zip' | 'html' | 'empty' | 'unknown';

/** Bytes that are enough to say what a payload is. */
export const CLASSIFY_BYTES = 1024;

const ZIP = Buffer.from('PK\x03\x04', 'latin1');
const EMPTY_ZIP = Buffer.from('PK\x05\x06', 'latin1');
/** A comment ends at its first end and nowhere else: a lazy search would try every division of many comments, for ever. */
const HTML = /^(?:\xef\xbb\xbf|\s|<!--(?:(?!-->)[\s\S])*-->)*<(?:!doctype\s+html|html|head|body|title|meta|script)\b/i;

/**
 * What a payload is by its first bytes, whatever status and type it came with: BSEE answers a wrong address with 200 and a
 * page. The declared type only helps to tell a page that starts unusually.
 */
export function classify(head: Buffer, contentType = ''): PayloadClass {
  if (head.length === 0) return 'empty';
  if (startsWith(head, ZIP) || startsWith(head, EMPTY_ZIP)) return 'zip';
  const text = head.toString('latin1');
  if (HTML.test(text) || (/html/i.test(contentType) && /^\s*</.test(text))) return 'html';
  return 'unknown';
}

const startsWith = (bytes: Buffer, prefix: Buffer): boolean => bytes.subarray(0, prefix.length).equals(prefix);

/** Title of a page, for messages; null when its first bytes have none. */
export function titleOf(head: Buffer): string | null {
  const match = /<title[^>]*>([^<]{1,200})/i.exec(head.toString('latin1'));
  return match?.[1]?.replace(/\s+/g, ' ').trim() || null;
}

/** @throws FreshetError `payload_html`, `payload_empty`, `payload_unknown` when it is not a zip archive */
export function assertZip(head: Buffer, url: string, contentType = ''): void {
  const found = classify(head, contentType);
  if (found === 'zip') return;
  const safe = safeUrl(url) === '(not a URL)' ? url : safeUrl(url);
  const attributes = { url: safe, contentType };
  if (found === 'empty') {
    throw new FreshetError('payload_empty', {
      message: `the publisher sent nothing where an archive was expected (${safe})`,
      nextStep: 'It is tried again by itself; if it repeats, open the address in a browser.',
      attributes,
    });
  }
  if (found === 'html') {
    const title = titleOf(head);
    throw new FreshetError('payload_html', {
      message: `the publisher sent a page${title ? ` (“${title}”)` : ''} where an archive was expected (${safe})`,
      nextStep: 'The file has probably moved: find it on the publisher’s page and correct `access` in the definition.',
      attributes: { ...attributes, title },
    });
  }
  const lfs = head.toString('latin1').startsWith('version https://git-lfs');
  throw new FreshetError('payload_unknown', {
    message: lfs
      ? `this is a Git LFS pointer, not the archive itself (${safe})`
      : `what came is no zip archive (${safe}; it starts with ${head.subarray(0, 8).toString('hex')})`,
    nextStep: lfs
      ? 'Run `git lfs pull`, or download the archive from the publisher.'
      : 'Look at what the address delivers and correct `access` in the definition.',
    attributes: { ...attributes, lfs },
  });
}

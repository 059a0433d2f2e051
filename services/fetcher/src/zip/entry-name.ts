import { unsafeEntry } from './failures';

const MAX_NAME_BYTES = 1024;

/**
 * Entry names are only ever compared, never used as paths; a name that would escape a folder still says that the archive
 * was made with intent, or is not the publisher's. A `.` segment is refused too: the unzip library puts it in place of `..`.
 *
 * @throws FreshetError `archive_unsafe_entry`
 */
export function assertSafeName(name: string): void {
  const shown = JSON.stringify(name.slice(0, 120));
  const refuse = (why: string): never => {
    throw unsafeEntry(`${shown} ${why}`, { entry: name.slice(0, 120) });
  };
  if (name.length === 0) refuse('is empty');
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) refuse('is too long');
  if (name.includes('\0')) refuse('contains a NUL character');
  if (name.includes('\\')) refuse('contains a backslash');
  if (name.startsWith('/')) refuse('is absolute');
  if (/^[a-z]:/i.test(name)) refuse('names a drive');
  if (name.split('/').some((part) => part === '.' || part === '..')) refuse('leaves its folder');
}

export const isFolder = (name: string): boolean => name.endsWith('/');

/** Last part of an entry's name, lower-cased: how members are matched. */
export const memberKey = (name: string): string => name.slice(name.lastIndexOf('/') + 1).toLowerCase();

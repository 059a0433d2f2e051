import { posix, win32 } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../exit';

export interface PathContext {
  readonly platform: NodeJS.Platform;
  readonly cwd: string;
  readonly home: string;
  /** Set in Git Bash and other MSYS shells (`MSYSTEM`). */
  readonly msystem?: string;
  readonly exists: (path: string) => boolean;
}

/**
 * A path as somebody typed it in any shell, as an absolute path of this machine.
 *
 * - Quotes that the shell left on (cmd.exe keeps `'…'`) are taken off; `~` is the home folder, which PowerShell and cmd.exe
 *   do not expand for programs; `file://` addresses are accepted.
 * - On Windows `/c/Users/…`, `/cygdrive/c/…` and `/mnt/c/…` are drives, and either slash separates. Git Bash turns an argument
 *   `/data/x` into `C:/Program Files/Git/data/x` before the program sees it: recognised and explained.
 * - Elsewhere backslashes separate when the path exists only that way; a drive letter is refused (under WSL: `/mnt/<drive>`).
 *
 * @throws UsageError for a path that cannot mean anything here.
 */
export function localPath(typed: string, context: PathContext): string {
  const text = expandHome(fromFileUrl(unquote(typed.trim()), context), context);
  if (text === '')
    throw new UsageError('a path is empty', 'Quote it; an unset variable in the shell gives an empty one.');
  if (text.includes('\0')) throw new UsageError('a path contains a NUL character');
  return context.platform === 'win32' ? onWindows(text, context) : onPosix(text, context);
}

function unquote(text: string): string {
  const quote = text[0];
  return text.length >= 2 && (quote === '"' || quote === "'") && text.endsWith(quote) ? text.slice(1, -1) : text;
}

function fromFileUrl(text: string, context: PathContext): string {
  if (!/^file:\/\//i.test(text)) return text;
  try {
    return fileURLToPath(text, { windows: context.platform === 'win32' });
  } catch {
    throw new UsageError(`not a file address of this machine: ${text}`, 'Give a path instead.');
  }
}

function expandHome(text: string, context: PathContext): string {
  if (text === '~') return context.home;
  return /^~[\\/]/.test(text) ? `${context.home}${context.platform === 'win32' ? '\\' : '/'}${text.slice(2)}` : text;
}

const DRIVE_FOLDER = /^\/(?:cygdrive\/|mnt\/)?([a-z])(?:\/(.*))?$/i;

function onWindows(text: string, context: PathContext): string {
  const drive = DRIVE_FOLDER.exec(text.replaceAll('\\', '/'));
  const plain = drive ? `${(drive[1] ?? '').toUpperCase()}:\\${drive[2] ?? ''}` : text;
  const path = win32.resolve(context.cwd, plain.replaceAll('/', '\\'));
  const rewritten = mangled(path);
  if (rewritten !== null && !context.exists(path)) {
    throw new UsageError(
      `${path} does not exist; Git Bash seems to have made it of ${JSON.stringify(rewritten)}`,
      'Write a relative path or one with a drive (C:/data/x.zip), or switch the rewriting off for this command: MSYS_NO_PATHCONV=1 freshet …',
    );
  }
  return path;
}

/** What was typed before Git Bash put its own root in front, or null. */
function mangled(path: string): string | null {
  const match =
    /^[a-z]:\\(?:program files(?: \(x86\))?\\git|git|msys64|users\\[^\\]+\\appdata\\local\\programs\\git)(\\.*)$/i.exec(
      path,
    );
  return match?.[1] === undefined ? null : match[1].replaceAll('\\', '/');
}

function onPosix(text: string, context: PathContext): string {
  const drive = /^([a-z]):[\\/](.*)$/i.exec(text);
  if (drive) {
    const underWsl = `/mnt/${(drive[1] ?? '').toLowerCase()}/${(drive[2] ?? '').replaceAll('\\', '/')}`;
    if (context.exists(underWsl)) return underWsl;
    throw new UsageError(`${text} is a Windows path, and this is not Windows`, 'Give a path of this machine.');
  }
  const path = posix.resolve(context.cwd, text);
  if (!text.includes('\\') || context.exists(path)) return path;
  return posix.resolve(context.cwd, text.replaceAll('\\', '/'));
}

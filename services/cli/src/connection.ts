import { FreshetClient } from '@freshet/client';
import { NoCoordinatorError, UsageError } from './exit';
import { findStandalone } from './standalone-file';
import type { World } from './world';

export interface ConnectionFlags {
  readonly url?: string;
  readonly token?: string;
}

export interface Connection {
  readonly url: string;
  readonly token?: string;
  /** Where the address comes from, for messages. */
  readonly from: '--url' | 'FRESHET_URL' | 'standalone';
  /** The standalone's connection file, when the address is that of the standalone. */
  readonly file?: string;
  /** Whether the token is the one in that file. */
  readonly ownToken?: boolean;
  readonly exportRoot?: string;
  readonly pid?: number;
  /** What the address leads to, when it is a forwarded port of this machine. */
  readonly remote?: string;
}

/**
 * Flags before environment before the file that `npm start` writes. A token in that file is sent to the address in that
 * file only, never to one given otherwise.
 *
 * @throws NoCoordinatorError when no address is known.
 */
export function findConnection(
  flags: ConnectionFlags,
  world: Pick<World, 'environment' | 'cwd' | 'remote'>,
): Connection {
  const { environment, remote } = world;
  if (remote !== undefined && environment.FRESHET_URL !== undefined)
    return {
      url: environment.FRESHET_URL,
      token: flags.token ?? environment.FRESHET_TOKEN,
      from: 'FRESHET_URL',
      exportRoot: environment.FRESHET_EXPORT_ROOT,
      remote,
    };
  const standalone = findStandalone(environment.FRESHET_HOME, world.cwd);
  const given = flags.url ?? environment.FRESHET_URL;
  const token = flags.token ?? environment.FRESHET_TOKEN;
  if (given !== undefined) {
    const same = standalone !== undefined && sameAddress(standalone.connection.url, given);
    return {
      url: given,
      token: token ?? (same ? standalone.connection.token : undefined),
      from: flags.url === undefined ? 'FRESHET_URL' : '--url',
      exportRoot: environment.FRESHET_EXPORT_ROOT ?? (same ? standalone.connection.exportRoot : undefined),
    };
  }
  if (standalone === undefined) {
    throw new NoCoordinatorError(
      'no coordinator is known',
      'Start Freshet with `npm start` in this folder, or name a coordinator with --url or FRESHET_URL.',
    );
  }
  // Standalone writes its file before it listens.
  if (new URL(standalone.connection.url).port === '0') {
    throw new NoCoordinatorError(`Freshet is still starting (${standalone.file})`, 'Try again in a moment.');
  }
  return {
    url: standalone.connection.url,
    token: token ?? standalone.connection.token,
    ownToken: token === undefined,
    from: 'standalone',
    file: standalone.file,
    exportRoot: environment.FRESHET_EXPORT_ROOT ?? standalone.connection.exportRoot,
    pid: standalone.connection.pid,
  };
}

export function clientOf(connection: Connection, world: Pick<World, 'sleep'>): FreshetClient {
  try {
    return new FreshetClient({ baseUrl: connection.url, token: connection.token, sleep: world.sleep });
  } catch (error) {
    throw new UsageError(
      `${connection.from}: ${error instanceof Error ? error.message : String(error)}`,
      'Write it as http://host:port.',
    );
  }
}

/** Whether files named by a path are on the coordinator's machine too. */
export function isLocal(connection: Connection): boolean {
  if (connection.remote !== undefined) return false;
  if (connection.file !== undefined) return true;
  const { hostname } = new URL(connection.url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
}

function sameAddress(one: string, other: string): boolean {
  try {
    return new URL(one).origin === new URL(other).origin;
  } catch {
    return false;
  }
}

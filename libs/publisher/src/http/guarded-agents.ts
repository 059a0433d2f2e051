import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import { hostAllowance, isPublicAddress } from './address';
import { httpFailure } from './failures';

export interface GuardOptions {
  readonly allowPrivateHosts: readonly string[];
  readonly connectMs: number;
  /** For tests; the system's resolver otherwise. */
  readonly resolve?: typeof dnsLookup;
}

export interface GuardedAgents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
  destroy(): void;
}

interface ConnectOptions {
  host?: string | null;
  port?: string | number | null;
  lookup?: LookupFunction;
}

/**
 * Agents that look at the address at the moment of connecting, which no DNS answer can slip past afterwards: a literal
 * address before the socket is made, and every address a name resolves to (one that is not public refuses them all).
 * They also bound the time until the connection, TLS included, stands. One pair per definition: pooled sockets must not be
 * shared with a definition that allows other hosts.
 */
export function createGuardedAgents(options: GuardOptions): GuardedAgents {
  const allowed = hostAllowance(options.allowPrivateHosts);
  const resolve = options.resolve ?? dnsLookup;

  type Callback = ((error: Error | null, stream: Duplex) => void) | undefined;

  function guard(connect: ConnectOptions, ready: string, callback: Callback, open: () => Duplex | null | undefined) {
    const host = connect.host ?? 'localhost';
    const port = Number(connect.port);
    const exempt = allowed(host, port);
    if (!exempt && isIP(host.replace(/^\[|\]$/g, '')) !== 0 && !isPublicAddress(host.replace(/^\[|\]$/g, ''))) {
      // The agent takes an error through its callback; its type does not say that there is no stream then.
      callback?.(refused(host, host), undefined as unknown as Duplex);
      return undefined;
    }
    connect.lookup = (name, lookupOptions, callback) => {
      resolve(name, { ...lookupOptions, all: true }, (error, found: LookupAddress[]) => {
        if (error) return callback(error, []);
        const bad = exempt ? undefined : found.find(({ address }) => !isPublicAddress(address));
        if (bad) return callback(refused(host, bad.address), []);
        if (lookupOptions.all === true) return callback(null, found);
        const [first] = found;
        if (first) callback(null, first.address, first.family);
        else callback(Object.assign(new Error('no address'), { code: 'ENODATA' }), []);
      });
    };
    const socket = open();
    if (socket) limitConnecting(socket, ready, host);
    return socket;
  }

  function limitConnecting(socket: Duplex, ready: string, host: string): void {
    const timer = setTimeout(() => {
      const message = `no connection to the publisher within ${options.connectMs} ms`;
      socket.destroy(httpFailure('connect_timeout', message, `http://${host}/`, { connectMs: options.connectMs }));
    }, options.connectMs);
    const clear = (): void => clearTimeout(timer);
    socket.once(ready, clear).once('close', clear);
  }

  class GuardedHttp extends HttpAgent {
    override createConnection(...[connect, callback]: Parameters<HttpAgent['createConnection']>) {
      return guard(connect, 'connect', callback, () => super.createConnection(connect, callback));
    }
  }
  class GuardedHttps extends HttpsAgent {
    override createConnection(...[connect, callback]: Parameters<HttpsAgent['createConnection']>) {
      return guard(connect, 'secureConnect', callback, () => super.createConnection(connect, callback));
    }
  }
  const http = new GuardedHttp({ keepAlive: true, maxSockets: 4 });
  const https = new GuardedHttps({ keepAlive: true, maxSockets: 4, rejectUnauthorized: true });
  return {
    http,
    https,
    destroy() {
      http.destroy();
      https.destroy();
    },
  };
}

const refused = (host: string, address: string): Error =>
  httpFailure('address_not_public', `${host} leads to ${address}, which is not a public address`, `http://${host}/`, {
    host,
    address,
  });

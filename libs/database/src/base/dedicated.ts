import { Client, type ClientConfig } from 'pg';
import { sessionUrl } from './session';
import { typeParsers } from './types';

export interface DedicatedOptions {
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  /** Bounds connecting and every statement, on both sides. */
  readonly timeoutMs: number;
}

/**
 * A connection of its own, for what must neither wait for a free one of the pool nor for a network that swallows packets: a
 * statement without an answer fails after `timeoutMs`, and the server does not carry it out any later than that.
 */
export async function connectDedicated(url: string, options: DedicatedOptions): Promise<Client> {
  const client = new Client({
    connectionString: sessionUrl(url, { statement_timeout: `${options.timeoutMs}ms` }),
    application_name: options.applicationName,
    connectionTimeoutMillis: options.timeoutMs,
    query_timeout: options.timeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    types: typeParsers as NonNullable<ClientConfig['types']>,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    destroy(client);
    throw error;
  }
}

/** Closes the socket without saying goodbye, which a silent peer would never answer. */
export function destroy(client: Client): void {
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}

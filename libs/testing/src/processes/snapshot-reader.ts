import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';

export interface ReaderOptions {
  readonly databaseUrl: string;
  /** Schema and views to read, as users would. */
  readonly schema: string;
  readonly views: readonly string[];
  readonly everyMs?: number;
}

/** What one snapshot showed: rows and an order-free checksum for every view, joined into one comparable text. */
export type Observation = string;

/**
 * A reader that keeps looking at the published views while things break. Every look is one snapshot over all views; what it
 * saw is collected with how often. A lost connection is made anew.
 */
export class SnapshotReader {
  readonly observations = new Map<Observation, number>();
  looks = 0;
  failures = 0;
  private stopped = false;
  private loop: Promise<void> | undefined;

  constructor(private readonly options: ReaderOptions) {}

  start(): this {
    this.loop = this.run();
    return this;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.loop;
  }

  /** One look, in a connection of its own. */
  async look(): Promise<Observation> {
    const client = await this.connected();
    try {
      return await this.observe(client);
    } finally {
      await client.end();
    }
  }

  private async run(): Promise<void> {
    let client: Client | undefined;
    while (!this.stopped) {
      try {
        client ??= await this.connected();
        const seen = await this.observe(client);
        this.observations.set(seen, (this.observations.get(seen) ?? 0) + 1);
        this.looks++;
      } catch {
        this.failures++;
        await client?.end().catch(() => undefined);
        client = undefined;
      }
      await pause(this.options.everyMs ?? 50);
    }
    await client?.end().catch(() => undefined);
  }

  private async connected(): Promise<Client> {
    const client = new Client({ connectionString: this.options.databaseUrl, connectionTimeoutMillis: 5_000 });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  private async observe(client: Client): Promise<Observation> {
    const { schema, views } = this.options;
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const parts: string[] = [];
    for (const view of views) {
      const name = `${client.escapeIdentifier(schema)}.${client.escapeIdentifier(view)}`;
      const { rows } = await client.query<{ rows: string; checksum: string | null }>(
        `SELECT count(*) AS rows, sum(hashtextextended(t::text, 0)) AS checksum FROM ${name} t`,
      );
      parts.push(`${view}=${rows[0]?.rows}/${rows[0]?.checksum ?? 0}`);
    }
    await client.query('COMMIT');
    return parts.join(' ');
  }
}

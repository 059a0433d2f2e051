import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@freshet/domain';
import type { PoolClient } from 'pg';
import type { Database } from '../base';
import { WAKE_CHANNEL } from './outbox';

/** Any constant of our own, as for migrations. */
const LEADER_LOCK = 4_706_110_854;

export interface LeadershipOptions {
  readonly logger: Logger;
  /** Called on every change; not awaited. */
  readonly onChange: (leader: boolean) => void;
  /** Called when some transaction gave the leader something to do. */
  readonly onWake: () => void;
  /** Pause between tries to become the leader. */
  readonly retryMs?: number;
  /** How often a held connection is proved to be alive. */
  readonly pingMs?: number;
}

/**
 * One coordinator of many leads: the one whose session holds an advisory lock. A session that ends, with its process or with the
 * server, gives the lock up, and the next coordinator that asks has it. Two leaders for a moment would do no harm, because every
 * transition is fenced; the lock saves work, it does not protect anything.
 */
export class Leadership {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private leader = false;

  constructor(
    private readonly database: Database,
    private readonly options: LeadershipOptions,
  ) {}

  get isLeader(): boolean {
    return this.leader;
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Gives the leadership up, so that another coordinator has it at once. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { retryMs = 1000, logger } = this.options;
    let silent = false;
    while (!this.stopping.signal.aborted) {
      try {
        await this.database.withClient((client) => this.hold(client));
        silent = false;
      } catch (error) {
        // Said once: the database being away is reported by readiness, not every second here.
        if (!silent) logger.warn({ error: String(error) }, 'leadership is not held: the database does not answer');
        silent = true;
      }
      this.change(false);
      await this.pause(retryMs);
    }
  }

  /** Returns when the lock cannot be had or is given up; throws when the connection is lost. */
  private async hold(client: PoolClient): Promise<void> {
    const { rows } = await client.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1) AS got', [LEADER_LOCK]);
    if (!rows[0]?.got) return;
    const lost = new AbortController();
    const onLost = (): void => lost.abort();
    const onWake = (): void => this.options.onWake();
    client.on('error', onLost).on('end', onLost).on('notification', onWake);
    try {
      await client.query(`LISTEN ${WAKE_CHANNEL}`);
      this.change(true);
      const over = AbortSignal.any([lost.signal, this.stopping.signal]);
      while (!over.aborted) {
        await delay(this.options.pingMs ?? 5000, undefined, { signal: over, ref: false }).catch(() => undefined);
        if (!over.aborted) await client.query('SELECT 1');
      }
      if (lost.signal.aborted) throw new Error('Connection terminated while leading');
    } finally {
      client.off('error', onLost).off('end', onLost).off('notification', onWake);
      if (!lost.signal.aborted)
        await client.query(`UNLISTEN *; SELECT pg_advisory_unlock(${LEADER_LOCK})`).catch(() => undefined);
    }
  }

  private change(leader: boolean): void {
    if (this.leader === leader) return;
    this.leader = leader;
    this.options.onChange(leader);
  }

  private pause = (ms: number): Promise<unknown> =>
    delay(ms, undefined, { signal: this.stopping.signal, ref: false }).catch(() => undefined);
}

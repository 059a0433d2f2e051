import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@freshet/domain';
import type { Client } from 'pg';
import { destroy, quoteIdent, type Database } from '../base';
import { HANDOVER_CHANNEL, claimLeaderLease, releaseLeaderLease } from './leader-lease';
import { WAKE_CHANNEL } from './outbox';

export interface LeadershipOptions {
  readonly logger: Logger;
  /** Called on every change; not awaited. */
  readonly onChange: (leader: boolean) => void;
  /** Called when some transaction gave the leader something to do. */
  readonly onWake: () => void;
  /** Pause between two attempts to become the leader. */
  readonly retryMs?: number;
  /** Pause between two renewals. */
  readonly renewMs?: number;
  /** How long a lease lasts that is not renewed: how long nobody leads after a leader vanished. */
  readonly leaseMs?: number;
  /** Only where no two processes run by design: a lease is taken from a process whose session has ended before it expires. */
  readonly fromEndedSession?: boolean;
}

/** How much earlier than the database a leader believes that its lease is over. */
const MARGIN_MS = 1_000;
/** Of every statement: two attempts to renew fit into a lease. */
const STATEMENT_TIMEOUT_MS = 2_500;

/**
 * One coordinator of many leads: the one that holds a lease by the database's clock, renewed over a connection of its own. A leader
 * that cannot renew stops leading, by its own monotonic clock, before another one can have the lease; a leader that vanished is
 * replaced when the lease is over, whether or not its connection was closed.
 *
 * Whoever asks `isLeader` and then acts may be overtaken in between (a suspended process). That does no harm, because every effect of
 * the engine is fenced by the state it starts from: ADR 0017 goes through them.
 */
export class Leadership {
  private readonly owner = randomUUID();
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private leader = false;
  /** Monotonic. */
  private validUntil = 0;
  private expiry: NodeJS.Timeout | undefined;
  private endPause: (() => void) | undefined;

  constructor(
    private readonly database: Database,
    private readonly options: LeadershipOptions,
  ) {}

  get isLeader(): boolean {
    return this.leader && performance.now() < this.validUntil;
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Gives the leadership up, so that another coordinator has it at once. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.endPause?.();
    await this.running;
  }

  private async run(): Promise<void> {
    const { retryMs = 1_000, logger } = this.options;
    let silent = false;
    while (!this.stopping.signal.aborted) {
      let client: Client | undefined;
      try {
        client = await this.database.dedicated({
          applicationName: 'freshet-leadership',
          timeoutMs: STATEMENT_TIMEOUT_MS,
        });
        await this.hold(client, () => (silent = false));
      } catch (error) {
        // Said once: the database being away is reported by readiness, not every second here.
        if (!silent) logger.warn({ error: String(error) }, 'the leadership lease cannot be renewed; retrying');
        silent = true;
      } finally {
        if (client) destroy(client.removeAllListeners('end'));
      }
      if (!this.stopping.signal.aborted) await this.pause(retryMs);
    }
    this.change(false);
  }

  /** Takes or renews the lease until told to stop; throws when the connection is lost or silent. */
  private async hold(client: Client, onAnswer: () => void): Promise<void> {
    const { retryMs = 1_000, renewMs = 2_000 } = this.options;
    let lost = false;
    client.on('end', () => {
      lost = true;
      this.endPause?.();
    });
    client.on('notification', ({ channel }) => {
      if (channel === WAKE_CHANNEL) this.options.onWake();
      else if (!this.leader) this.endPause?.();
    });
    await client.query(`LISTEN ${quoteIdent(WAKE_CHANNEL)}; LISTEN ${quoteIdent(HANDOVER_CHANNEL)}`);
    while (!this.stopping.signal.aborted) {
      await this.claim(client);
      onAnswer();
      await this.pause(this.leader ? renewMs : retryMs);
      if (lost) throw new Error('connection terminated');
    }
    if (!this.leader) return;
    this.change(false);
    await releaseLeaderLease(client, this.owner);
  }

  private async claim(client: Client): Promise<void> {
    const { leaseMs = 9_000, fromEndedSession = false } = this.options;
    // The database counts from when the statement arrives, which is later.
    const askedAt = performance.now();
    const epoch = await claimLeaderLease(client, { owner: this.owner, leaseMs, fromEndedSession });
    if (epoch === null) return this.change(false);
    this.validUntil = askedAt + leaseMs - MARGIN_MS;
    if (performance.now() < this.validUntil) this.change(true, epoch);
  }

  private change(leader: boolean, epoch?: number): void {
    clearTimeout(this.expiry);
    if (leader) this.expiry = setTimeout(() => this.change(false), this.validUntil - performance.now()).unref();
    if (this.leader === leader) return;
    this.leader = leader;
    if (epoch !== undefined) this.options.logger.debug({ epoch }, 'the leadership lease was taken');
    this.options.onChange(leader);
  }

  private pause(ms: number): Promise<unknown> {
    const ended = new AbortController();
    this.endPause = () => ended.abort();
    if (this.stopping.signal.aborted) ended.abort();
    return delay(ms, undefined, { signal: ended.signal, ref: false }).catch(() => undefined);
  }
}

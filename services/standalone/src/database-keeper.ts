import { setTimeout as delay } from 'node:timers/promises';
import { retryDelayMs, type Logger } from '@freshet/domain';
import type { RunningPostgres } from '@freshet/testing/postgres';

/** The PostgreSQL that comes along cannot be kept running; the message says what to do. */
export class DatabaseLostError extends Error {}

export interface KeeperOptions {
  /** Holds the server's data and its log. */
  readonly folder: string;
  readonly onLost: (error: DatabaseLostError) => void;
  readonly maxRestarts?: number;
  readonly initialDelayMs?: number;
  readonly maxDelayMs?: number;
  /** A server that lived this long counts as started: the next loss is a first one again. */
  readonly stableMs?: number;
}

/**
 * Starts the PostgreSQL of standalone again when it ends by itself: killed for memory, or by hand. After several restarts in a row
 * that did not last it gives up, because what stops it then is the disk or the data, and waiting would only hide that.
 */
export class DatabaseKeeper {
  private readonly stopping = new AbortController();
  private lost = false;
  private logger: Logger | undefined;
  private recovering: Promise<void> | undefined;
  private restarts = 0;
  private startedAt = 0;

  constructor(
    private readonly postgres: Pick<RunningPostgres, 'restart' | 'whenLost'>,
    private readonly options: KeeperOptions,
  ) {
    postgres.whenLost(() => {
      this.lost = true;
      this.recover();
    });
  }

  /** From here on losses are handled, one that happened before included. */
  start(logger: Logger): void {
    this.logger = logger;
    this.startedAt = performance.now();
    this.recover();
  }

  /** Resolves when no restart is under way any more. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.recovering;
  }

  private recover(): void {
    if (!this.logger || !this.lost || this.recovering || this.stopping.signal.aborted) return;
    this.recovering = this.restartUntilUp(this.logger).finally(() => {
      this.recovering = undefined;
      // It may have been lost again right after it came up.
      this.recover();
    });
  }

  private async restartUntilUp(logger: Logger): Promise<void> {
    const { maxRestarts = 6, initialDelayMs = 500, maxDelayMs = 15_000, stableMs = 60_000, folder } = this.options;
    if (performance.now() - this.startedAt > stableMs) this.restarts = 0;
    while (this.lost && !this.stopping.signal.aborted) {
      if (this.restarts >= maxRestarts) {
        this.stopping.abort();
        return this.options.onLost(givenUp(this.restarts, folder));
      }
      this.restarts += 1;
      const delayMs = retryDelayMs(
        { maxAttempts: maxRestarts, initialDelayMs, maxDelayMs },
        this.restarts + 1,
        Math.random,
      );
      logger.warn({ restart: this.restarts, maxRestarts, delayMs }, 'PostgreSQL ended by itself and is started again');
      await delay(delayMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      if (this.stopping.signal.aborted) return;
      try {
        this.lost = false;
        await this.postgres.restart();
        this.startedAt = performance.now();
        logger.info({ restart: this.restarts }, 'PostgreSQL is up again; unfinished work goes on');
      } catch (error) {
        this.lost = true;
        logger.error({ restart: this.restarts, error: String(error) }, 'PostgreSQL could not be started');
      }
    }
  }
}

const givenUp = (restarts: number, folder: string): DatabaseLostError =>
  new DatabaseLostError(
    `PostgreSQL ended by itself again after ${restarts} restarts, so Freshet stops.\n` +
      `Look at postgres.log in ${folder}, at the free space of the disk and at the memory of the machine, then start Freshet again; or set FRESHET_DATABASE_URL to a PostgreSQL of yours.`,
  );

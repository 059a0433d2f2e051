import { Inject, Injectable } from '@nestjs/common';
import { pruneCheckResults, pruneOutbox, pruneRuns, type Database } from '@freshet/database';
import type { Logger } from '@freshet/domain';
import { LOGGER } from '@freshet/runtime';
import type { CoordinatorSettings } from '../settings';
import { DATABASE, SETTINGS } from '../tokens';

const EVERY_MS = 60_000;
/** Between two batches of what has piled up. */
const BREATH_MS = 1_000;
/** A run of a large snapshot has some hundred ledger rows, and maybe thousands of refused ones. */
const RUNS_AT_ONCE = 20;
const CHECKS_AT_ONCE = 1_000;

/** Forgets what nobody looks at any more, a little at a time, so that a long backlog holds up nothing. */
@Injectable()
export class Pruner {
  private dueAt = 0;

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(SETTINGS) private readonly settings: CoordinatorSettings,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** For one coordinator, the leader. Returns the pause until it is due again, in milliseconds; before that it does nothing. */
  async prune(): Promise<number> {
    const early = this.dueAt - performance.now();
    if (early > 0) return early;
    this.dueAt = performance.now() + EVERY_MS;
    const { keepSentSeconds, keepRunsDays: keepDays } = this.settings;
    await pruneOutbox(this.database, keepSentSeconds);
    const { runs, generations } = await pruneRuns(this.database, { keepDays, limit: RUNS_AT_ONCE });
    const checks = await pruneCheckResults(this.database, { keepDays, limit: CHECKS_AT_ONCE });
    if (runs + checks > 0) this.logger.info({ runs, generations, checks, keepDays }, 'forgot what ended long ago');
    if (runs === RUNS_AT_ONCE || checks === CHECKS_AT_ONCE) this.dueAt = performance.now() + BREATH_MS;
    return Math.max(0, this.dueAt - performance.now());
  }
}

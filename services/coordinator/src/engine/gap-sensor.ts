import { createHash, randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CATALOG, type Catalog } from '@freshet/catalog';
import {
  anythingStored,
  createBackfill,
  gapPartitionsSince,
  gapTries,
  gapsByRespondent,
  hasNormalRun,
  hasOpenOrder,
  type Database,
} from '@freshet/database';
import {
  FreshetError,
  isSeriesDefinition,
  partitionSeconds,
  planGapPartitions,
  type BackfillPartition,
  type Clock,
  type Logger,
  type SeriesDefinition,
  type TimeRange,
} from '@freshet/domain';
import { CLOCK, LOGGER } from '@freshet/runtime';
import { missingCredential } from '../control/credentials';
import type { CoordinatorSettings } from '../settings';
import { DATABASE, SETTINGS } from '../tokens';

const DAY_MS = 86_400_000;
/** Gaps of a respondent this near to each other are one request. */
const MERGE_SECONDS = 86_400;
/** Most looks go no further back than this, and one an hour to where the series begin. */
const NEAR_MS = 30 * DAY_MS;
const DEEP_EVERY_MS = 3_600_000;

/**
 * Asks by itself for what the series miss: on the coordinator's clock, only what the publisher should have by now, within the budget of
 * the day, less and less often, and in the end not at all. What is missing and what was asked for before is read from what is stored.
 */
@Injectable()
export class GapSensor {
  /** When each dataset was last looked at from its beginning. */
  private readonly lookedDeep = new Map<string, number>();
  private dueAt: number;

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(SETTINGS) private readonly settings: CoordinatorSettings,
  ) {
    // Not at once: after an outage the first refresh fills most of what it left.
    this.dueAt = performance.now() + settings.gapsEveryMs;
  }

  /** For one coordinator, the leader. Returns the pause until it is due again, in milliseconds; before that it does nothing. */
  async look(): Promise<number> {
    const early = this.dueAt - performance.now();
    if (early > 0) return early;
    this.dueAt = performance.now() + this.settings.gapsEveryMs;
    await this.sense();
    return this.settings.gapsEveryMs;
  }

  /** Returns the backfills that were made. */
  async sense(): Promise<readonly string[]> {
    const made: string[] = [];
    for (const definition of this.catalog.all()) {
      if (!isSeriesDefinition(definition) || !definition.timeseries.backfill.automatic) continue;
      // Every partition would fail, and count as a try.
      if (missingCredential(definition, this.settings)) continue;
      try {
        const id = await this.senseOne(definition);
        if (id) made.push(id);
      } catch (error) {
        if (error instanceof FreshetError && error.code === 'dependency_unavailable') throw error;
        const reason = error instanceof Error ? error.message : String(error);
        this.logger.error({ dataset: definition.id, error: reason }, 'gaps could not be looked for; it is tried again');
      }
    }
    return made;
  }

  private async senseOne(definition: SeriesDefinition): Promise<string | null> {
    const { id, timeseries } = definition;
    const now = this.clock.now();
    const { maxTries, maxPartitionsPerDay } = timeseries.backfill;
    const spent = await gapPartitionsSince(this.database, id, new Date(now.getTime() - DAY_MS));
    const budget = maxPartitionsPerDay - spent;
    if (budget <= 0 || (await this.isToWait(id))) return null;

    const gaps = await gapsByRespondent(this.database, definition, now, this.notBefore(id, now));
    if (gaps.length === 0) return null;
    const tries = await gapTries(this.database, id, spanOf(gaps));
    const windowSeconds = partitionSeconds(definition);
    const rules = { maxTries, budget, windowSeconds, mergeSeconds: MERGE_SECONDS };
    const partitions = planGapPartitions(gaps, tries, rules, now);
    if (partitions.length === 0) return null;
    return this.create(definition, partitions, tries.length, now);
  }

  /** A dataset that was never refreshed has no gaps yet, and what is being asked for may be about to fill those there are. */
  private async isToWait(dataset: string): Promise<boolean> {
    return (
      !(await anythingStored(this.database, dataset)) ||
      (await hasNormalRun(this.database, dataset)) ||
      (await hasOpenOrder(this.database, dataset))
    );
  }

  private async create(
    { id: dataset }: SeriesDefinition,
    partitions: readonly BackfillPartition[],
    earlier: number,
    now: Date,
  ): Promise<string> {
    const selected = [...new Set(partitions.map((partition) => partition.selected))].sort();
    const range = spanOf(partitions);
    const id = await createBackfill(
      this.database,
      {
        id: randomUUID(),
        dataset,
        origin: 'gap',
        range,
        selected,
        idempotencyKey: decisionKey(dataset, partitions, earlier),
        partitions: partitions.map((partition) => ({ ...partition, skip: null })),
      },
      now,
    );
    const fields = { dataset, backfillId: id, selected, from: range.from.toISOString(), to: range.to.toISOString() };
    this.logger.info({ ...fields, partitions: partitions.length }, 'gaps are asked for');
    return id;
  }

  private notBefore(dataset: string, now: Date): Date | null {
    const last = this.lookedDeep.get(dataset);
    if (last !== undefined && Math.abs(now.getTime() - last) < DEEP_EVERY_MS) return new Date(now.getTime() - NEAR_MS);
    this.lookedDeep.set(dataset, now.getTime());
    return null;
  }
}

function spanOf(ranges: readonly TimeRange[]): TimeRange {
  return {
    from: new Date(ranges.reduce((first, { from }) => Math.min(first, from.getTime()), Infinity)),
    to: new Date(ranges.reduce((last, { to }) => Math.max(last, to.getTime()), -Infinity)),
  };
}

/** The same decision, made twice from the same state by two coordinators that both think they lead, is one backfill. */
function decisionKey(dataset: string, partitions: readonly BackfillPartition[], earlier: number): string {
  const text = JSON.stringify([earlier, partitions.map(({ selected, from, to }) => [selected, from, to])]);
  return `gap:${dataset}:${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
}

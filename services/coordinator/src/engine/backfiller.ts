import { Inject, Injectable } from '@nestjs/common';
import { CATALOG, type Catalog } from '@freshet/catalog';
import {
  CANCELLED,
  datasetsWithPending,
  leasePartition,
  leasedPartitions,
  missingHours,
  nextPending,
  requestCancel,
  settlePartition,
  skipPending,
  startBackfillRun,
  type Database,
  type LeasedPartition,
  type OpenPartition,
  type PartitionEnd,
} from '@freshet/database';
import { FreshetError, isSeriesDefinition, type Clock, type Logger, type SeriesDefinition } from '@freshet/domain';
import { CLOCK, LOGGER } from '@freshet/runtime';
import { DATABASE } from '../tokens';
import { countPartition } from './metrics';

export const COMPLETE_ALREADY = 'complete already';
export const NOTHING_THERE = 'the publisher has nothing';

/**
 * Carries backfills forward: ends the partitions whose runs have ended, and starts the ones that wait, a few of a dataset at a time and
 * none while a normal run of it is active. Everything it knows stands in the database, so it goes on wherever another one was stopped.
 */
@Injectable()
export class Backfiller {
  private readonly complaints = new Map<string, string>();

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async tick(): Promise<void> {
    for (const partition of await leasedPartitions(this.database)) await this.settle(partition);
    for (const dataset of await datasetsWithPending(this.database)) {
      try {
        await this.startSome(dataset);
        this.complaints.delete(dataset);
      } catch (error) {
        if (error instanceof FreshetError && error.code === 'dependency_unavailable') throw error;
        this.complain(dataset, error instanceof Error ? error.message : String(error));
      }
    }
  }

  private async settle(partition: LeasedPartition): Promise<void> {
    const end = endOf(partition);
    if (!end) {
      // Whoever cancelled the backfill may have been stopped before its runs were told.
      if (partition.cancelled) await requestCancel(this.database, partition.runId);
      return;
    }
    if (await settlePartition(this.database, partition, end, this.clock.now())) this.ended(partition, end);
  }

  /** Until the dataset has as many under way as it may. */
  private async startSome(dataset: string): Promise<void> {
    const definition = this.catalog.all().find(({ id }) => id === dataset);
    if (!definition || !isSeriesDefinition(definition))
      return this.complain(dataset, 'the dataset is not defined here as a time series');
    for (;;) {
      const next = await nextPending(this.database, dataset);
      if (!next || !(await this.start(definition, next))) return;
    }
  }

  /** Returns whether another one may be tried. */
  private async start(definition: SeriesDefinition, partition: OpenPartition): Promise<boolean> {
    // What somebody asked for was decided when it was planned; a gap may have been filled since by a normal run.
    if (partition.origin === 'gap' && (await missingHours(this.database, definition, [partition]))[0] === 0) {
      const end = { state: 'skipped', reason: COMPLETE_ALREADY } as const;
      if (await skipPending(this.database, partition.id, end, this.clock.now())) this.ended(partition, end);
      return true;
    }
    const result = await startBackfillRun(this.database, {
      definition,
      window: partition,
      only: [partition.selected],
      idempotencyKey: runKey(partition),
    });
    const [runId] = result.accepted ? result.runs : [];
    if (runId === undefined) return false;
    const held = await leasePartition(this.database, { id: partition.id, runId }, this.clock.now());
    // Cancelled in between: nobody waits for this run.
    if (!held) await requestCancel(this.database, runId);
    return true;
  }

  private ended({ dataset, backfillId, selected, from, to }: OpenPartition, { state, reason }: PartitionEnd): void {
    countPartition(dataset, state);
    const fields = { dataset, backfillId, selected, from: from.toISOString(), to: to.toISOString(), state, reason };
    if (state === 'failed') this.logger.warn(fields, 'a partition of a backfill failed');
    else this.logger.info(fields, `a partition of a backfill is ${state}`);
  }

  private complain(dataset: string, reason: string): void {
    if (this.complaints.get(dataset) === reason) return;
    this.complaints.set(dataset, reason);
    this.logger.warn({ dataset, reason }, 'a backfill stands still; it is tried again');
  }
}

/** One partition is started once: its run makes its own attempts, and what failed is planned again as a new partition. */
const runKey = ({ id }: Pick<OpenPartition, 'id'>): string => `backfill:${id}:1`;

/** What the end of its run means for a partition; null while the run goes on. */
export function endOf({ run, cancelled }: Pick<LeasedPartition, 'run' | 'cancelled'>): PartitionEnd | null {
  if (!run) return { state: 'failed', reason: 'its run is gone' };
  switch (run.state) {
    case 'published':
    case 'unchanged':
      return { state: 'done', reason: null };
    case 'cancelled':
      return cancelled ? { state: 'skipped', reason: CANCELLED } : { state: 'failed', reason: 'its run was cancelled' };
    case 'failed':
      if (run.failure?.code === 'resource_empty') return { state: 'skipped', reason: NOTHING_THERE };
      return {
        state: 'failed',
        reason: run.failure ? `${run.failure.code}: ${run.failure.message}` : 'no reason given',
      };
    default:
      return null;
  }
}

import { Inject, Injectable, Optional } from '@nestjs/common';
import { CATALOG, type Catalog } from '@freshet/catalog';
import {
  lineageFacts,
  markLineageSent,
  markLineageUnsent,
  registerLineageSink,
  takeDueLineage,
  type Database,
  type DueLineage,
} from '@freshet/database';
import { retryDelayMs, type Logger } from '@freshet/domain';
import { LOGGER } from '@freshet/runtime';
import type { ReporterSettings } from '../settings';
import { DATABASE, LINEAGE_SINKS, SETTINGS } from '../tokens';
import { runEvent, type OpenLineageEvent } from './event';
import type { LineageSink } from './sink';

/** Longer than any one try: meanwhile nobody else tells the same. */
const HOLD_MS = 60_000;

/**
 * Tells OpenLineage sinks of runs: their start, and how they ended; at least once, in this order. What is to be told is read from the
 * runs as they are stored, so nothing is lost with a process. Without sinks it does nothing.
 */
@Injectable()
export class LineageDelivery {
  private readonly registered = new Set<string>();

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(SETTINGS) private readonly settings: ReporterSettings,
    @Inject(LOGGER) private readonly logger: Logger,
    @Optional() @Inject(LINEAGE_SINKS) private readonly sinks: readonly LineageSink[] = [],
  ) {}

  /** Whether there is anybody to tell. */
  get wanted(): boolean {
    return this.sinks.length > 0;
  }

  /** Tells everything that is due. A sink that does not answer keeps the others waiting no longer than its own timeout, once a run. */
  async deliverDue(signal: AbortSignal): Promise<void> {
    for (const sink of this.sinks) {
      if (!this.registered.has(sink.name)) await registerLineageSink(this.database, sink.name);
      this.registered.add(sink.name);
      while (!signal.aborted) {
        const due = await takeDueLineage(this.database, sink.name, HOLD_MS);
        if (!due || !(await this.tell(sink, due, signal))) break;
      }
    }
  }

  /** False when the sink could not be reached: the others of its runs would fare no better now. */
  private async tell(sink: LineageSink, due: DueLineage, signal: AbortSignal): Promise<boolean> {
    const event = await this.eventOf(due);
    const result = event ? await sink.send(event, signal) : ({ state: 'sent' } as const);
    if (result.state === 'sent') {
      await markLineageSent(this.database, sink.name, due);
      return true;
    }
    const { delivery } = this.settings;
    const fields = { run: due.runId, moment: due.moment, destination: sink.destination, reason: result.reason };
    if (result.state === 'refused' || due.tries >= delivery.maxAttempts) {
      await markLineageUnsent(this.database, sink.name, due, result.reason, null);
      const nextStep = 'Check FRESHET_OPENLINEAGE_URL, FRESHET_OPENLINEAGE_API_KEY and FRESHET_OPENLINEAGE_FILE.';
      this.logger.error({ ...fields, tries: due.tries, nextStep }, 'lineage of a run given up');
      return true;
    }
    const pause = retryDelayMs(delivery, due.tries + 1, Math.random, result.retryAfterMs);
    await markLineageUnsent(this.database, sink.name, due, result.reason, pause);
    this.logger.warn({ ...fields, tries: due.tries, retryInMs: pause }, 'lineage of a run not told yet');
    return false;
  }

  /** Null for a run that is not kept any more, and for a dataset that is no longer defined: nothing can be said of them. */
  private async eventOf({ runId, moment }: DueLineage): Promise<OpenLineageEvent | null> {
    const facts = await lineageFacts(this.database, runId);
    const definition = facts && this.catalog.all().find(({ id }) => id === facts.run.dataset);
    return definition ? runEvent(definition, facts, moment, this.settings.lineageNamespace) : null;
  }
}

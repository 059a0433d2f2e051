import { Inject, Injectable } from '@nestjs/common';
import { CATALOG, type Catalog } from '@freshet/catalog';
import { addNotification, alertHistory, dataUntil, saveAlertState, type Database } from '@freshet/database';
import type { Clock, DatasetDefinition, Logger } from '@freshet/domain';
import { CLOCK, LOGGER } from '@freshet/runtime';
import type { ReporterSettings } from '../settings';
import { DATABASE, SETTINGS } from '../tokens';
import { alertEvent } from './event';
import { decideAlerts } from './rule';

/** Looks at the history of a dataset and stores what has to be told; sending is the delivery's work. */
@Injectable()
export class Alerter {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: ReporterSettings,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @throws FreshetError `definition_unknown` */
  look(dataset: string): Promise<void> {
    return this.lookAt(this.catalog.get(dataset));
  }

  /** One dataset that cannot be looked at does not keep the others from it. @throws the first error, after all of them */
  async lookAtAll(): Promise<void> {
    const errors: unknown[] = [];
    for (const definition of this.catalog.all())
      await this.lookAt(definition).catch((error: unknown) => void errors.push(error));
    if (errors.length > 0) throw errors[0];
  }

  /** May be called at any time, by any number of processes: what is told once stays told. */
  private async lookAt(definition: DatasetDefinition): Promise<void> {
    const now = this.clock.now();
    await this.database.transaction(async (tx) => {
      const history = await alertHistory(tx, definition.id);
      if (!history) return;
      const decision = decideAlerts(history, { ...this.settings, maxAgeSeconds: definition.maxAgeSeconds }, now);
      const { timeseries, paging } = definition;
      const until =
        timeseries && paging && decision.tell.length > 0
          ? await dataUntil(tx, definition.id, paging.select.values)
          : null;
      for (const telling of decision.tell) {
        const event = alertEvent(
          definition,
          history,
          telling,
          decision.consecutiveFailures,
          this.settings.eventSource,
          now,
          until,
        );
        const added = await addNotification(tx, {
          id: event.id,
          dataset: definition.id,
          kind: telling.kind,
          runId: telling.run?.id ?? null,
          event: event.toJSON(),
        });
        if (added)
          this.logger.warn(
            { dataset: definition.id, kind: telling.kind, notification: event.id },
            event.data?.message ?? telling.kind,
          );
      }
      await saveAlertState(tx, definition.id, decision);
    });
  }
}

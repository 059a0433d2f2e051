import { Inject, Injectable } from '@nestjs/common';
import { markSent, markUnsent, takeDueNotification, type Database, type DueNotification } from '@freshet/database';
import { retryDelayMs, type Logger } from '@freshet/domain';
import { LOGGER } from '@freshet/runtime';
import type { ReporterSettings } from '../settings';
import { DATABASE, NOTIFIER, SETTINGS } from '../tokens';
import type { Notifier, StoredEvent } from './notifier';

/** Longer than any one try: meanwhile nobody else sends the same notification. */
const HOLD_MS = 60_000;

/** Sends what is stored, oldest first; at least once, with a stable id. */
@Injectable()
export class NotificationDelivery {
  private onWake: () => void = () => undefined;

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(NOTIFIER) private readonly notifier: Notifier,
    @Inject(SETTINGS) private readonly settings: ReporterSettings,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** There may be something to send now. */
  wake(): void {
    this.onWake();
  }

  whenWoken(handler: () => void): void {
    this.onWake = handler;
  }

  /** Sends everything that is due. */
  async deliverDue(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const due = await takeDueNotification(this.database, HOLD_MS);
      if (!due) return;
      await this.deliver(due, signal);
    }
  }

  private async deliver(due: DueNotification, signal: AbortSignal): Promise<void> {
    const fields = {
      notification: due.id,
      dataset: due.dataset,
      kind: due.kind,
      destination: this.notifier.destination,
      tries: due.tries,
    };
    const result = await this.notifier.send(due.event as StoredEvent, signal);
    if (result.state === 'sent') {
      await markSent(
        this.database,
        due.id,
        this.notifier.destination === null ? 'logged only: no webhook is configured' : null,
      );
      if (this.notifier.destination !== null) this.logger.info(fields, 'notification sent');
      return;
    }
    const { delivery } = this.settings;
    if (result.state === 'refused' || due.tries >= delivery.maxAttempts) {
      await markUnsent(this.database, due.id, result.reason, null);
      this.logger.error(
        { ...fields, reason: result.reason, nextStep: 'Check FRESHET_WEBHOOK_URL and its receiver.' },
        'notification given up',
      );
      return;
    }
    const pause = retryDelayMs(delivery, due.tries + 1, Math.random, result.retryAfterMs);
    await markUnsent(this.database, due.id, result.reason, pause);
    this.logger.warn({ ...fields, reason: result.reason, retryInMs: pause }, 'notification not sent yet');
  }
}

import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { ProcessPeaks, TOPICS, decodeMessage, encodeMessage, runEventSchema } from '@freshet/contracts';
import { Consumes, MESSAGING, type InboundMessage, type Messaging } from '@freshet/messaging';
import { INSTANCE, peakRssBytes, type InstanceInfo } from '@freshet/runtime';
import { Alerter } from './alerting/alerter';
import { ChangeLog } from './changes/change-log';
import { NotificationDelivery } from './delivery/delivery';

/** A run has ended: what did it change, and does somebody have to know? Both may be asked any number of times. */
@Controller()
export class RunEventsController {
  private readonly peaks: ProcessPeaks;

  constructor(
    @Inject(ChangeLog) private readonly changes: ChangeLog,
    @Inject(Alerter) private readonly alerter: Alerter,
    @Inject(NotificationDelivery) private readonly delivery: NotificationDelivery,
    @Inject(MESSAGING) private readonly messaging: Messaging,
    @Inject(INSTANCE) instance: InstanceInfo,
  ) {
    this.peaks = new ProcessPeaks(instance, peakRssBytes);
  }

  @Consumes(TOPICS.runEvents, { group: 'reporter' })
  async onEvent(@Payload() message: InboundMessage): Promise<void> {
    const { meta: event } = decodeMessage(runEventSchema, message.value);
    if (event.type !== 'run.ended') return;
    // The alert first: comparing two large generations takes a while.
    await this.alerter.look(event.dataset);
    this.delivery.wake();
    if (event.outcome === 'published' && event.generation !== null) {
      await this.changes.record(event.dataset, event.generation);
    }
    const peak = this.peaks.after(event.runId);
    if (peak) await this.messaging.publish({ topic: TOPICS.runEvents, key: event.runId, value: encodeMessage(peak) });
  }
}

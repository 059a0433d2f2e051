import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { toFailure, type Logger } from '@freshet/domain';
import { LOGGER, type HealthAnswer } from '@freshet/runtime';
import { Alerter } from './alerting/alerter';
import { ChangeLog } from './changes/change-log';
import { NotificationDelivery } from './delivery/delivery';
import { LineageDelivery } from './openlineage/delivery';
import { Repeated } from './repeat';
import type { ReporterSettings } from './settings';
import { SETTINGS } from './tokens';

/** A turn takes at most this long; comparing large generations included. */
const HUNG_MS = 30 * 60_000;

/**
 * What the reporter does by its own clock: noticing that a dataset grew old, though no event says so, and sending. It also
 * looks once at everything when it starts, so that nothing depends on an event that a killed process took with it.
 */
@Injectable()
export class Watch implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly stopping = new AbortController();
  private readonly loops: ReadonlyArray<Repeated>;
  private caughtUp = false;

  constructor(
    @Inject(Alerter) alerter: Alerter,
    @Inject(ChangeLog) changes: ChangeLog,
    @Inject(NotificationDelivery) delivery: NotificationDelivery,
    @Inject(LineageDelivery) lineage: LineageDelivery,
    @Inject(SETTINGS) settings: ReporterSettings,
    @Inject(LOGGER) logger: Logger,
  ) {
    const warn = (what: string) => (error: unknown) =>
      logger.warn({ failure: toFailure(error) }, `${what} failed; the next turn tries again`);
    const sending = new Repeated(
      settings.deliverEveryMs,
      () => delivery.deliverDue(this.stopping.signal),
      warn('sending notifications'),
    );
    const looking = async (): Promise<void> => {
      await alerter.lookAtAll();
      delivery.wake();
      if (this.caughtUp) return;
      await changes.catchUp();
      this.caughtUp = true;
    };
    const telling = new Repeated(
      settings.deliverEveryMs,
      () => lineage.deliverDue(this.stopping.signal),
      warn('telling of lineage'),
    );
    this.loops = [
      ...(lineage.wanted ? [telling] : []),
      sending,
      new Repeated(settings.checkEveryMs, looking, warn('looking at the datasets')),
    ];
    delivery.whenWoken(() => sending.wake());
  }

  onApplicationBootstrap(): void {
    for (const loop of this.loops) loop.start();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.loops.map((loop) => loop.stop()));
  }

  /** For liveness: whether the loops still turn. */
  health(): HealthAnswer {
    const longest = Math.max(...this.loops.map((loop) => loop.idleMs()));
    return { ok: longest < HUNG_MS, detail: `last turn ${Math.round(longest / 1000)} s ago` };
  }
}

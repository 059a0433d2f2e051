import { Inject, Injectable } from '@nestjs/common';
import { TOPICS, encodeMessage } from '@freshet/contracts';
import type { Clock } from '@freshet/domain';
import { MESSAGING, type Messaging } from '@freshet/messaging';
import { CLOCK, INSTANCE, peakRssBytes, type InstanceInfo } from '@freshet/runtime';

const EVERY_MS = 5_000;

/** Tells the coordinator how much memory this process has needed while it worked on a run. */
@Injectable()
export class PeakReports {
  private readonly lastAt = new Map<string, number>();

  constructor(
    @Inject(MESSAGING) private readonly messaging: Messaging,
    @Inject(INSTANCE) private readonly instance: InstanceInfo,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Now and then while batches come in; `always` when a piece of work is complete. A report that is lost costs nothing. */
  report(runId: string, when: 'now_and_then' | 'always'): void {
    const now = this.clock.now().getTime();
    if (when === 'now_and_then' && now - (this.lastAt.get(runId) ?? 0) < EVERY_MS) return;
    if (this.lastAt.size > 100) this.lastAt.clear();
    this.lastAt.set(runId, now);
    const value = encodeMessage({ type: 'process.peak', runId, ...this.instance, peakRssBytes: peakRssBytes() });
    this.messaging.publish({ topic: TOPICS.runEvents, key: runId, value }).catch(() => undefined);
  }
}

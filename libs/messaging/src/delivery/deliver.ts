import { HEADERS } from '@freshet/contracts';
import { toFailure, type Failure, type Logger } from '@freshet/domain';
import type { Handler, InboundMessage, OutboundMessage } from '../port';
import { deadLetterOf } from './dead-letter';
import type { IntakeGate } from './intake-gate';
import { countDelivery } from './metrics';
import { withConsumerSpan } from './message-context';
import { backoffMs, type DeliveryPolicy } from './policy';
import { wait } from './wait';

/** What the delivery rules need from a transport; the rules themselves (see `Messaging`) are the same for all. */
export interface DeliveryHost {
  /** `messaging.system` of the spans. */
  readonly system: string;
  readonly policy: DeliveryPolicy;
  readonly handler: Handler;
  readonly deadLetterTopic: string;
  /** Resolves when the dead letter is durable. */
  publish(message: OutboundMessage): Promise<void>;
  readonly gate: IntakeGate;
  /** Aborted when no new try may start, although a running one may finish. */
  readonly closing: AbortSignal;
  readonly logger: Logger;
  readonly random: () => number;
}

export type Undelivered = Omit<InboundMessage, 'delivery' | 'signal'>;

/** Remembers over redeliveries in this process how often a message was tried. */
export interface DeliveryCount {
  deliveries: number;
}

/**
 * Brings one message to its end. True: acknowledge it (it was handled, or its dead letter is durable). False: leave it
 * unacknowledged, because the transport is closing or the partition is no longer ours (`signal`).
 */
export async function deliver(
  host: DeliveryHost,
  message: Undelivered,
  count: DeliveryCount,
  signal: AbortSignal,
): Promise<boolean> {
  const stopped = AbortSignal.any([host.closing, signal]);
  let failures = 0;
  /** Failures that the message is to blame for. */
  let charged = 0;
  let letGo = (): void => {};
  try {
    while (!stopped.aborted) {
      count.deliveries += 1;
      const inbound: InboundMessage = { ...message, delivery: count.deliveries, signal };
      const startedAt = performance.now();
      const failure = await tryOnce(host, inbound);
      const seconds = (performance.now() - startedAt) / 1000;
      // Whoever owns the partition now decides about the message; what became of our try does not count.
      if (signal.aborted) return false;
      if (failure === null) {
        countDelivery(host.policy, 'handled', seconds);
        return true;
      }

      failures += 1;
      if (failure.code !== 'dependency_unavailable') charged += 1;
      const verdict = judge(host, failure, charged, message.topic);
      countDelivery(host.policy, verdict, seconds);
      report(host, inbound, failure, verdict);
      if (verdict === 'dead-letter') return await writeDeadLetter(host, inbound, failure, stopped);
      letGo();
      letGo = verdict === 'wait' ? host.gate.hold() : () => {};
      await wait(backoffMs(host.policy, failures, host.random), stopped);
    }
    return false;
  } finally {
    letGo();
  }
}

async function tryOnce(host: DeliveryHost, message: InboundMessage): Promise<Failure | null> {
  try {
    await withConsumerSpan(host.system, host.policy.group, message, () => host.handler(message));
    return null;
  } catch (error) {
    return toFailure(error);
  }
}

type Verdict = 'retry' | 'wait' | 'dead-letter';

function judge(host: DeliveryHost, failure: Failure, charged: number, topic: string): Verdict {
  if (failure.code === 'dependency_unavailable') return 'wait';
  // A dead letter that cannot be handled has nowhere further to go, and must not be lost.
  if (topic === host.deadLetterTopic) return 'wait';
  return failure.kind === 'terminal' || charged >= host.policy.maxDeliveries ? 'dead-letter' : 'retry';
}

async function writeDeadLetter(
  host: DeliveryHost,
  message: InboundMessage,
  failure: Failure,
  stopped: AbortSignal,
): Promise<boolean> {
  const letter = deadLetterOf(host.deadLetterTopic, message, host.policy.group, failure);
  let letGo = (): void => {};
  try {
    for (let tries = 1; !stopped.aborted; tries += 1) {
      try {
        await host.publish(letter);
        return true;
      } catch (error) {
        letGo();
        letGo = host.gate.hold();
        host.logger.error(
          { ...where(message), error: toFailure(error) },
          'a dead letter cannot be written; the message stays unacknowledged',
        );
        await wait(backoffMs(host.policy, tries, host.random), stopped);
      }
    }
    return false;
  } finally {
    letGo();
  }
}

function report(host: DeliveryHost, message: InboundMessage, failure: Failure, verdict: Verdict): void {
  const fields = { ...where(message), group: host.policy.group, delivery: message.delivery, failure };
  if (verdict === 'dead-letter')
    host.logger.error(fields, 'a message could not be handled and goes to the dead letters');
  else if (verdict === 'wait') host.logger.warn(fields, 'a message waits for a dependency; intake is paused');
  else host.logger.warn(fields, 'a message could not be handled and will be tried again');
}

const where = ({ topic, partition, offset, key, headers }: Undelivered): object => ({
  ...{ topic, partition, offset, key },
  // Of the messages of a run this is the run.
  correlationId: headers[HEADERS.correlationId],
});

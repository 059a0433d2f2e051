import { HEADERS } from '@freshet/contracts';
import type { Failure } from '@freshet/domain';
import type { InboundMessage, OutboundMessage } from '../port';

const MAX_REASON_LENGTH = 1_000;

/** Key, value and headers go unchanged; what happened to the message is added as headers. */
export function deadLetterOf(
  deadLetterTopic: string,
  message: Omit<InboundMessage, 'signal'>,
  group: string,
  failure: Failure,
): OutboundMessage {
  return {
    topic: deadLetterTopic,
    key: message.key,
    value: message.value,
    headers: {
      ...message.headers,
      [HEADERS.attempt]: String(message.delivery),
      [HEADERS.deadLetterReason]: failure.message.slice(0, MAX_REASON_LENGTH),
      [HEADERS.deadLetterCode]: failure.code,
      [HEADERS.deadLetterStep]: group,
      [HEADERS.deadLetterTopic]: message.topic,
      [HEADERS.deadLetterPartition]: String(message.partition),
      [HEADERS.deadLetterOffset]: message.offset,
    },
  };
}

import { BaseRpcContext, Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { InboundMessage, Messaging, SubscribeOptions, Subscription } from '../port';
import { CONSUMES, FRESHET_TRANSPORT, type Consumption } from './consumes';

export interface MessagingServerOptions {
  /** Messages handled at the same time, per group; `DEFAULT_MAX_IN_FLIGHT` for a group that is not named. */
  readonly maxInFlight?: Readonly<Record<string, number>>;
  /** Retry settings per group, where the transport's defaults do not fit. */
  readonly retry?: Readonly<Record<string, Pick<SubscribeOptions, 'maxDeliveries' | 'retryDelayMs'>>>;
}

export const DEFAULT_MAX_IN_FLIGHT = 4;

/**
 * Nest's side of the messaging port: subscribes every `@Consumes` method of the application, be it of one service or of all.
 * `app.connectMicroservice({ strategy: new MessagingServer(messaging) })`, then `app.startAllMicroservices()`.
 *
 * It starts the messaging, and closing the application closes it: intake stops, handlers drain, the transport disconnects.
 */
export class MessagingServer extends Server implements CustomTransportStrategy {
  override readonly propagatesEventHandlerErrors = true;
  override transportId = FRESHET_TRANSPORT;
  private readonly handlers = new Map<string, { consumption: Consumption; handler: MessageHandler }>();
  private subscriptions: Subscription[] = [];

  constructor(
    private readonly messaging: Messaging,
    private readonly options: MessagingServerOptions = {},
  ) {
    super();
  }

  /** @throws Error at start-up when two methods claim the same topic for the same group: each would get half of the work. */
  override addHandler(
    pattern: string,
    handler: MessageHandler,
    isEventHandler = false,
    extras: Record<string, unknown> = {},
  ): void {
    const consumption = extras[CONSUMES] as Consumption | undefined;
    // A handler that names no transport is offered to every strategy of the application.
    if (!consumption) return;
    const id = this.normalizePattern(pattern);
    if (this.handlers.has(id)) {
      throw new Error(
        `two handlers of group ${consumption.group} consume ${consumption.topic}; a topic has one handler per group`,
      );
    }
    this.handlers.set(id, { consumption, handler });
    super.addHandler(pattern, handler, isEventHandler, extras);
  }

  async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      await this.messaging.start();
      // All in one turn: no group may miss what another one causes to be published.
      this.subscriptions = await Promise.all(
        [...this.handlers.values()].map(({ consumption, handler }) => this.subscribe(consumption, handler)),
      );
      callback();
    } catch (error) {
      callback(error);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.subscriptions.map((subscription) => subscription.close()));
    await this.messaging.stop();
  }

  on(): never {
    throw new Error('MessagingServer emits no events: ask health() of the messaging');
  }

  unwrap<T>(): T {
    return this.messaging as T;
  }

  private subscribe({ topic, group }: Consumption, handler: MessageHandler): Promise<Subscription> {
    const maxInFlight = this.options.maxInFlight?.[group] ?? DEFAULT_MAX_IN_FLIGHT;
    return this.messaging.subscribe({ topic, group, maxInFlight, ...this.options.retry?.[group] }, (message) =>
      this.handle(handler, message),
    );
  }

  private async handle(handler: MessageHandler, message: InboundMessage): Promise<void> {
    const result: unknown = await handler(message, new BaseRpcContext([message]));
    if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
  }
}

import { Global, Module, type DynamicModule, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { CATALOG, type Catalog } from '@freshet/catalog';
import { decodeMessage, runEventSchema, TOPICS, type RunEvent, type Topic } from '@freshet/contracts';
import { silentLogger } from '@freshet/domain';
import { InProcessMessaging, MESSAGING, MessagingServer, type InboundMessage } from '@freshet/messaging';
import { INSTANCE, LOGGER } from '@freshet/runtime';

export interface StageOptions<Meta> {
  /** Its consumer group, and the name of its process. */
  readonly name: string;
  readonly module: DynamicModule;
  readonly catalog: Catalog;
  readonly takes: Topic;
  readonly gives: Topic;
  /** Of what it gives. */
  readonly schema: Parameters<typeof decodeMessage<Meta>>[0];
}

/** A stage of the pipeline without a broker: what is sent to it, and everything it publishes. Two deliveries, then dead letters. */
export class TestStage<Meta> {
  readonly batches: Array<{ readonly meta: Meta; readonly body: string; readonly key: string | null }> = [];
  readonly events: RunEvent[] = [];
  readonly deadLetters: InboundMessage[] = [];

  private constructor(
    private readonly app: INestApplication,
    private readonly messaging: InProcessMessaging,
    private readonly takes: Topic,
  ) {}

  static async start<Meta>(options: StageOptions<Meta>): Promise<TestStage<Meta>> {
    const { name, takes, gives, schema } = options;
    const messaging = new InProcessMessaging({ groups: { [TOPICS.deadLetter]: ['test'] } });
    const testing = await Test.createTestingModule({
      imports: [ports(messaging, options.catalog, name), options.module],
    }).compile();
    const app = testing.createNestApplication({ logger: false });
    const retry = { [name]: { maxDeliveries: 2, retryDelayMs: { initial: 1, max: 1 } } };
    app.connectMicroservice({ strategy: new MessagingServer(messaging, { retry }) });
    const stage = new TestStage<Meta>(app, messaging, takes);
    const listen = (topic: Topic, note: (message: InboundMessage) => void): Promise<unknown> =>
      messaging.subscribe({ topic, group: 'test', maxInFlight: 1 }, async (message) => note(message));
    await listen(gives, ({ key, value }) => {
      const { meta, body } = decodeMessage(schema, value);
      stage.batches.push({ meta, body: body.toString(), key });
    });
    await listen(TOPICS.runEvents, ({ value }) => stage.events.push(decodeMessage(runEventSchema, value).meta));
    await listen(TOPICS.deadLetter, (message) => stage.deadLetters.push(message));
    await app.startAllMicroservices();
    return stage;
  }

  send(value: Buffer, key = 'key'): Promise<void> {
    return this.messaging.publish({ topic: this.takes, key, value });
  }

  failures(): RunEvent[] {
    return this.events.filter((event) => event.type === 'attempt.failed');
  }

  /** Resolves when `condition` holds; the test's own time limit ends it otherwise. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setImmediate(resolve));
  }

  /** What was published so far, between two tests. */
  forget(): void {
    this.batches.length = this.events.length = this.deadLetters.length = 0;
  }

  stop(): Promise<void> {
    return this.app.close();
  }
}

function ports(messaging: InProcessMessaging, catalog: Catalog, service: string): DynamicModule {
  @Global()
  @Module({})
  class Ports {}
  return {
    module: Ports,
    providers: [
      { provide: MESSAGING, useValue: messaging },
      { provide: CATALOG, useValue: catalog },
      { provide: LOGGER, useValue: silentLogger },
      { provide: INSTANCE, useValue: { service, instance: 'one' } },
    ],
    exports: [MESSAGING, CATALOG, LOGGER, INSTANCE],
  };
}

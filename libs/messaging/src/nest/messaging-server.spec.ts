import { Catch, Controller, Module, type ExceptionFilter } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { Payload } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { FreshetError } from '@freshet/domain';
import { HEADERS, TOPICS } from '@freshet/contracts';
import { from, mergeMap, throwError } from 'rxjs';
import { InProcessMessaging } from '../in-process/in-process-messaging';
import type { InboundMessage } from '../port';
import { collector, eventually } from '../testing/collect';
import { Consumes } from './consumes';
import { MessagingServer } from './messaging-server';

const invalid = () => new FreshetError('message_invalid', { message: 'not ours', nextStep: 'nothing' });

class Seen {
  readonly loader: string[] = [];
  readonly reporter: string[] = [];
}

@Controller()
class LoaderController {
  constructor(private readonly seen: Seen) {}

  @Consumes(TOPICS.runEvents, { group: 'loader' })
  async onEvent(@Payload() message: InboundMessage): Promise<void> {
    this.seen.loader.push(message.value.toString());
  }

  @Consumes(TOPICS.batchValidated, { group: 'loader' })
  async onBatch(@Payload() message: InboundMessage): Promise<void> {
    await Promise.resolve();
    if (message.delivery < 3) throw new Error('once more');
    throw invalid();
  }

  @Consumes(TOPICS.batchParsed, { group: 'loader' })
  onStream(): unknown {
    return from([1, 2]).pipe(mergeMap(() => throwError(invalid)));
  }
}

@Controller()
class ReporterController {
  constructor(private readonly seen: Seen) {}

  @Consumes(TOPICS.runEvents, { group: 'reporter' })
  async onEvent(@Payload() message: InboundMessage): Promise<void> {
    this.seen.reporter.push(message.value.toString());
  }
}

/** What an HTTP service would have; it must not come between a handler and the transport. */
@Catch()
class SwallowEverything implements ExceptionFilter {
  catch(): void {}
}

@Module({
  controllers: [LoaderController, ReporterController],
  providers: [Seen, { provide: APP_FILTER, useClass: SwallowEverything }],
})
class BothServices {}

describe('MessagingServer in a Nest application', () => {
  const start = async (module: object) => {
    const messaging = new InProcessMessaging();
    const testing = await Test.createTestingModule(module).compile();
    const app = testing.createNestApplication({ logger: false });
    const retry = { loader: { retryDelayMs: { initial: 1, max: 1 } } };
    app.connectMicroservice({ strategy: new MessagingServer(messaging, { maxInFlight: { loader: 2 }, retry }) });
    await app.startAllMicroservices();
    return { messaging, app };
  };

  it('serves several services in one process, two groups on one topic included', async () => {
    const { messaging, app } = await start({ imports: [BothServices] });
    const seen = app.get(Seen);
    await messaging.publish({ topic: TOPICS.runEvents, key: 'r', value: Buffer.from('event') });
    await eventually('both groups', () => seen.loader.length === 1 && seen.reporter.length === 1);
    expect([seen.loader, seen.reporter]).toEqual([['event'], ['event']]);
    await app.close();
  });

  it.each([
    [TOPICS.batchValidated, '3'],
    [TOPICS.batchParsed, '1'],
  ])('lets the transport see the error that the handler of %s gave', async (topic, deliveries) => {
    const { messaging, app } = await start({ imports: [BothServices] });
    const letters = collector();
    await messaging.subscribe({ topic: TOPICS.deadLetter, group: 'letters', maxInFlight: 1 }, letters.handler);
    await messaging.publish({ topic, key: 'k', value: Buffer.from('bad') });
    await letters.received(1);
    expect(letters.messages[0]?.headers).toMatchObject({
      [HEADERS.deadLetterCode]: 'message_invalid',
      [HEADERS.deadLetterReason]: 'not ours',
      [HEADERS.attempt]: deliveries,
    });
    await app.close();
  });

  it('stops the messaging with the application', async () => {
    const { messaging, app } = await start({ imports: [BothServices] });
    expect(messaging.health().ready).toBe(true);
    await app.close();
    expect(messaging.health().ready).toBe(false);
  });

  it('refuses to start when a topic has two handlers in one group', async () => {
    @Controller()
    class Rival {
      @Consumes(TOPICS.runEvents, { group: 'reporter' })
      onEvent(): void {}
    }
    @Module({ imports: [BothServices], controllers: [Rival] })
    class TwoRivals {}
    await expect(start({ imports: [TwoRivals] })).rejects.toThrow('two handlers of group reporter');
  });
});

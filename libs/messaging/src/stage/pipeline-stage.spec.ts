import { decodeMessage, runEventSchema, TOPICS } from '@freshet/contracts';
import { FreshetError, silentLogger } from '@freshet/domain';
import { InProcessMessaging } from '../in-process/in-process-messaging';
import { collector } from '../testing/collect';
import { PipelineStage } from './pipeline-stage';

const id = '0af76519-16cd-43dd-8448-eb211c80319c';
const origin = {
  ...{ dataset: 'demo.main', runId: id, taskId: id, attempt: 1, contentVersion: 'v1', resource: 'main', chunk: 0 },
};

describe('a stage of the pipeline', () => {
  it('tells the memory of its process under the name of the process, and failures under its own', async () => {
    const messaging = new InProcessMessaging();
    await messaging.start();
    const seen = collector();
    await messaging.subscribe({ topic: TOPICS.runEvents, group: 'test', maxInFlight: 1 }, seen.handler);
    const process = { service: 'standalone', instance: 'one' };
    const parts = { messaging, logger: silentLogger, process, maxMessageBytes: 100, peakRssBytes: () => 7 };
    const stage = new PipelineStage({ ...parts, stage: 'parser' });

    await stage.publish(TOPICS.batchParsed, 'k', origin, Buffer.from('small'));
    await stage.publish(TOPICS.batchParsed, 'k', origin, Buffer.alloc(101));
    await stage.fail(origin, new FreshetError('type_mismatch', { message: 'm', nextStep: 'n' }).toFailure());
    await seen.received(3);
    await messaging.stop();

    expect(seen.messages.map(({ value }) => decodeMessage(runEventSchema, value).meta)).toMatchObject([
      { type: 'process.peak', ...process, peakRssBytes: 7 },
      { type: 'attempt.failed', stage: 'parser', failure: { code: 'record_too_large' } },
      { type: 'attempt.failed', stage: 'parser', failure: { code: 'type_mismatch' } },
    ]);
  });
});

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from './logger';
import { inRun, inSpan } from './spans';
import { startTelemetry } from './telemetry';

describe('a log line', () => {
  it('carries run, task, chunk and trace of the work in progress, each once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'freshet-logger-'));
    const file = join(folder, 'log');
    const telemetry = await startTelemetry({ service: 'test', instance: 'one' });
    try {
      const runId = '7bca1f12-7d1f-4d5e-8b3a-0123456789ab';
      const logger = createLogger({ service: 'test', level: 'info', file });
      await inRun({ runId, dataset: 'bsee.well' }, () =>
        inSpan('parse', { taskId: 'task', attempt: 2, resource: 'main', chunk: 7 }, () => {
          logger.info({ attempt: 3 }, 'inside');
          logger.child({ runId, taskId: 'own' }).info({}, 'child');
        }),
      );
      logger.info({}, 'outside');
      const [inside = '', child = '', outside = ''] = readFileSync(file, 'utf8').trim().split('\n');
      const work = { runId, dataset: 'bsee.well', resource: 'main', chunk: 7, traceId: runId.replaceAll('-', '') };
      expect(JSON.parse(inside)).toMatchObject({ ...work, taskId: 'task', attempt: 3 });
      expect(JSON.parse(child)).toMatchObject({ ...work, taskId: 'own', attempt: 2 });
      for (const line of [inside, child]) expect(line.match(/"(runId|taskId|attempt)":/g)).toHaveLength(3);
      expect(outside).not.toContain('runId');
    } finally {
      await telemetry.stop();
      rmSync(folder, { recursive: true });
    }
  });
});

/**
 * What six running services emit, against docs/reference/telemetry.md in both directions: everything specified is emitted, and nothing
 * else is. Spans and metrics arrive at a real OpenTelemetry Collector.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLUSTER_SERVICES, describeWithKafka } from '@freshet/testing';
import { metricsOfMonitoring } from './monitoring';
import { collectorBinary, startCollector, type ReceivedSpan, type RunningCollector } from './collector';
import { readSpecification } from './specification';
import { emitEverything, type Emitted } from './world';

const binary = collectorBinary();
if (!binary)
  process.stderr.write(
    'SKIPPED: tests of the telemetry, because there is no Go to build an OpenTelemetry Collector with\n',
  );

const PIPELINE = ['run', 'request', 'task', 'fetch', 'parse', 'validate', 'load', 'publish'];

const describeWithCollector: typeof describeWithKafka = binary
  ? describeWithKafka
  : (name) => describe.skip(name, () => it.todo('needs an OpenTelemetry Collector'));

describeWithCollector('signals of running services', (kafka) => {
  const folder = mkdtempSync(join(tmpdir(), 'freshet-collector-'));
  const specified = readSpecification();
  let collector: RunningCollector;
  let emitted: Emitted;

  beforeAll(async () => {
    collector = await startCollector(binary ?? '', folder);
    emitted = await emitEverything(kafka(), {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_METRIC_EXPORT_INTERVAL: '2000',
      OTEL_BSP_SCHEDULE_DELAY: '200',
    });
  }, 300_000);

  afterAll(async () => {
    await emitted?.close();
    await collector?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  const traceOf = (runId: string): ReceivedSpan[] =>
    collector.spans.filter(({ traceId }) => traceId === runId.replaceAll('-', ''));

  it('make one trace of a run, from the request to the publication, across all services', () => {
    const spans = traceOf(emitted.published);
    for (const name of PIPELINE) expect(spans.map((span) => span.name)).toContain(name);
    expect([...new Set(spans.map(({ service }) => service))].sort()).toEqual([...CLUSTER_SERVICES].sort());

    const byId = new Map(spans.map((span) => [span.spanId, span]));
    const orphans = spans.filter(({ parentSpanId }) => parentSpanId !== '' && !byId.has(parentSpanId));
    expect(orphans.map(({ service, name }) => `${service} ${name}`)).toEqual([]);
    expect(spans.filter(({ parentSpanId }) => parentSpanId === '').map(({ name }) => name)).toEqual(['run']);

    const ancestors = (span: ReceivedSpan): string[] => {
      const parent = byId.get(span.parentSpanId);
      return parent ? [parent.name, ...ancestors(parent)] : [];
    };
    const load = spans.find(({ name }) => name === 'load');
    expect(load && ancestors(load).filter((name) => PIPELINE.includes(name))).toEqual([
      ...['validate', 'parse', 'fetch', 'task', 'run'],
    ]);
    for (const span of spans.filter(({ name }) => ['parse', 'validate', 'load'].includes(name)))
      expect(span.attributes).toMatchObject({
        'freshet.dataset': 'bsee.well',
        'freshet.run.id': emitted.published,
        'freshet.task.id': expect.any(String),
        'freshet.attempt': 1,
        'freshet.resource': expect.any(String),
        'freshet.chunk': expect.any(Number),
      });
  });

  it('say in the trace of a failed run where and why it failed, by code', () => {
    const failed = traceOf(emitted.failed).filter((span) => span.failed);
    expect([...new Set(failed.map(({ name }) => name))].sort()).toEqual(['fetch', 'run', 'task']);
    for (const { attributes } of failed) expect(attributes['error.type']).toMatch(/^[a-z_]+$/);
  });

  it('are the spans that the specification lists, with its attributes', () => {
    const named = (name: string): string => name.replace(/ freshet\..*$/, ' <topic>');
    const seen = new Map<string, { services: Set<string>; attributes: Set<string> }>();
    for (const { name, service, attributes } of collector.spans) {
      const entry = seen.get(named(name)) ?? { services: new Set(), attributes: new Set() };
      seen.set(named(name), entry);
      entry.services.add(service);
      for (const key of Object.keys(attributes)) entry.attributes.add(key);
    }
    for (const [name, { services, attributes }] of seen) {
      const spec = specified.spans.find((span) => span.name === name);
      expect([name, spec?.name]).toEqual([name, name]);
      expect(spec?.services).toEqual(expect.arrayContaining([...services]));
      expect(spec?.attributes).toEqual(expect.arrayContaining([...attributes]));
    }
    const missing = specified.spans.filter(({ name, rare }) => !rare && !seen.has(name)).map(({ name }) => name);
    expect(missing).toEqual([]);
  });

  it('are the metrics that the specification lists, with its types and labels', () => {
    const unspecified: string[] = [];
    const missing: string[] = [];
    for (const [service, families] of emitted.metrics) {
      for (const { name, type, labels } of families.values()) {
        const spec = specified.metrics.find((metric) => metric.name === name);
        if (!spec?.services.includes(service)) unspecified.push(`${service}: ${name}`);
        else {
          expect([name, type]).toEqual([name, spec.type]);
          for (const label of labels)
            if (!spec.labels.includes(label)) unspecified.push(`${service}: ${name}{${label}}`);
        }
      }
      for (const { name, services, rare } of specified.metrics)
        if (!rare && services.includes(service) && !families.has(name)) missing.push(`${service}: ${name}`);
    }
    expect({ unspecified, missing }).toEqual({ unspecified: [], missing: [] });
  });

  it('reach an OTLP receiver as metrics too', async () => {
    for (const service of CLUSTER_SERVICES) {
      expect([service, collector.metrics.get(service)?.has('process_resident_memory_bytes')]).toEqual([service, true]);
    }
    expect([...(collector.metrics.get('coordinator') ?? [])]).toContain('freshet_coordinator_tasks');
    expect([...(collector.metrics.get('loader') ?? [])]).toContain('freshet_loader_rows');
  });

  it('have every metric that a dashboard or an alert rule names', () => {
    const specifiedNames = new Set(specified.metrics.map(({ name }) => name));
    const exposed = new Set([...emitted.metrics.values()].flatMap((families) => [...families.keys()]));
    const rare = new Set(specified.metrics.filter((metric) => metric.rare).map(({ name }) => name));
    const used = metricsOfMonitoring();
    expect(used.size).toBeGreaterThan(10);
    expect([...used].filter((name) => !specifiedNames.has(name))).toEqual([]);
    expect([...used].filter((name) => !exposed.has(name) && !rare.has(name))).toEqual([]);
  });

  it('do not hold up work, nor the end of a process, when the receiver is gone', async () => {
    await collector.stop();
    const { client } = emitted.deployment;
    const [run] = await client.startRefresh({ datasets: ['bsee.well'], force: true });
    const ended = await client.waitForRun(run?.id ?? '', { signal: AbortSignal.timeout(60_000) });
    expect(['published', 'unchanged']).toContain(ended.state);
    const startedAt = performance.now();
    expect(await emitted.stop()).toEqual([]);
    expect(performance.now() - startedAt).toBeLessThan(20_000);
  }, 120_000);

  // The processes have ended by now, so that the log is complete.
  it('carry run, task, chunk and trace in the log', () => {
    const lines = emitted.logs();
    for (const line of lines)
      expect(line).toMatchObject({
        ...{ time: expect.any(String), level: expect.any(String), service: expect.any(String) },
        ...{ instance: expect.any(String), msg: expect.any(String) },
      });
    const events = specified.events.map(({ message }) => message);
    expect(events.length).toBeGreaterThan(5);
    for (const { message, level, services, fields, rare } of specified.events) {
      const found = lines.filter(({ msg }) => String(msg).startsWith(message));
      if (!rare) expect([message, found.length > 0]).toEqual([message, true]);
      for (const line of found) {
        expect([message, services.includes(String(line['service'])), line['level']]).toEqual([message, true, level]);
        expect([message, fields.filter((field) => !(field in line))]).toEqual([message, []]);
      }
    }
    const ofRun = lines.filter(({ traceId }) => traceId === emitted.published.replaceAll('-', ''));
    expect([...new Set(ofRun.map(({ service }) => service))].sort()).toEqual(
      expect.arrayContaining(['fetcher', 'loader']),
    );
  });
});

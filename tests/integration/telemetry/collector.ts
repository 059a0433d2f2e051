/**
 * A real OpenTelemetry Collector for tests: it receives OTLP as any backend would, refuses what is not OTLP, and passes everything on as
 * OTLP in JSON, which the tests read. `FRESHET_OTELCOL` names a binary with `otlp` and `otlphttp`; otherwise Go builds `collector/`
 * once into the user's cache folder.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../../libs/testing/src/processes/free-port';

const SOURCE = join(__dirname, 'collector');

export interface ReceivedSpan {
  readonly service: string;
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly failed: boolean;
}

export interface RunningCollector {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly endpoint: string;
  readonly spans: readonly ReceivedSpan[];
  /** Names of metrics by service. */
  readonly metrics: ReadonlyMap<string, ReadonlySet<string>>;
  stop(): Promise<void>;
}

/** Null where no collector can be had; with `CI=true` that is an error. */
export function collectorBinary(): string | null {
  const given = process.env['FRESHET_OTELCOL'];
  if (given) return given;
  if (spawnSync('go', ['version']).status === 0) return build();
  if (process.env['CI'] === 'true')
    throw new Error('no OpenTelemetry Collector: install Go 1.26 or later, or name a binary in FRESHET_OTELCOL');
  return null;
}

function build(): string {
  const hash = createHash('sha256');
  for (const file of ['main.go', 'go.mod', 'go.sum']) hash.update(readFileSync(join(SOURCE, file)));
  const folder = join(homedir(), '.cache', 'freshet', 'otelcol');
  const binary = join(folder, hash.digest('hex').slice(0, 16));
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  const unfinished = `${binary}.${process.pid}`;
  const built = spawnSync('go', ['build', '-trimpath', '-ldflags', '-s -w', '-o', unfinished, '.'], {
    cwd: SOURCE,
    encoding: 'utf8',
    timeout: 15 * 60_000,
  });
  if (built.status !== 0) throw new Error(`the collector could not be built:\n${built.stderr}`);
  renameSync(unfinished, binary);
  return binary;
}

export async function startCollector(binary: string, folder: string): Promise<RunningCollector> {
  const spans: ReceivedSpan[] = [];
  const metrics = new Map<string, Set<string>>();
  const sink = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      take(JSON.parse(Buffer.concat(parts).toString()) as OtlpJson, spans, metrics);
      response.setHeader('content-type', 'application/json').end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(sink, 'listening');
  const [port] = await freePorts(1);
  const config = join(folder, 'collector.yaml');
  writeFileSync(config, configuration(port ?? 0, (sink.address() as AddressInfo).port));
  const child = spawn(binary, ['--config', `file:${config}`], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (part: Buffer) => (errors += part.toString()));
  try {
    await listening(port ?? 0, child, () => errors);
  } catch (error) {
    await stop(child, sink);
    throw error;
  }
  return { endpoint: `http://127.0.0.1:${port}`, spans, metrics, stop: () => stop(child, sink) };
}

const configuration = (port: number, sinkPort: number): string => `
receivers: { otlp: { protocols: { http: { endpoint: "127.0.0.1:${port}" } } } }
exporters:
  otlp_http: { endpoint: "http://127.0.0.1:${sinkPort}", encoding: json, compression: none, tls: { insecure: true } }
service:
  telemetry: { metrics: { level: none }, logs: { level: warn } }
  pipelines:
    traces: { receivers: [otlp], exporters: [otlp_http] }
    metrics: { receivers: [otlp], exporters: [otlp_http] }
`;

async function listening(port: number, child: ChildProcess, errors: () => string): Promise<void> {
  for (const deadline = Date.now() + 30_000; ;) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => (socket.destroy(), resolve(true)));
      socket.on('error', () => resolve(false));
    });
    if (open) return;
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`the collector did not start:\n${errors()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A collector that is told to end sends what it has first. */
async function stop(child: ChildProcess, sink: Server): Promise<void> {
  if (child.exitCode === null) {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
  sink.closeAllConnections();
  await new Promise((resolve) => sink.close(resolve));
}

/** The parts of OTLP's JSON that are looked at. */
interface OtlpJson {
  readonly resourceSpans?: ReadonlyArray<{
    readonly resource: Attributed;
    readonly scopeSpans: ReadonlyArray<{ readonly spans: readonly OtlpSpan[] }>;
  }>;
  readonly resourceMetrics?: ReadonlyArray<{
    readonly resource: Attributed;
    readonly scopeMetrics: ReadonlyArray<{ readonly metrics: ReadonlyArray<{ readonly name: string }> }>;
  }>;
}
interface Attributed {
  readonly attributes?: ReadonlyArray<{
    readonly key: string;
    readonly value: { stringValue?: string; intValue?: string; doubleValue?: number; boolValue?: boolean };
  }>;
}
interface OtlpSpan extends Attributed {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly status?: { readonly code?: number };
}

function take(body: OtlpJson, spans: ReceivedSpan[], metrics: Map<string, Set<string>>): void {
  for (const { resource, scopeSpans } of body.resourceSpans ?? []) {
    const service = String(attributesOf(resource)['service.name']);
    for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
      const { name, kind, traceId, spanId, parentSpanId = '', status } = span;
      const failed = status?.code === 2;
      spans.push({ service, name, kind, traceId, spanId, parentSpanId, failed, attributes: attributesOf(span) });
    }
  }
  for (const { resource, scopeMetrics } of body.resourceMetrics ?? []) {
    const service = String(attributesOf(resource)['service.name']);
    const names = metrics.get(service) ?? new Set();
    metrics.set(service, names);
    for (const { name } of scopeMetrics.flatMap((scope) => scope.metrics)) names.add(name);
  }
}

const attributesOf = ({ attributes = [] }: Attributed): Record<string, string | number | boolean> =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ??
        (value.intValue === undefined ? undefined : Number(value.intValue)) ??
        value.doubleValue ??
        value.boolValue ??
        '',
    ]),
  );

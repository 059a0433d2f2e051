import {
  context,
  createContextKey,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
} from '@opentelemetry/api';
import { HEADERS, traceparentOf } from '@freshet/contracts';
import { toFailure } from '@freshet/domain';

/** What a piece of work belongs to: attributes of its span, and fields of every log line written during it. */
export interface WorkOrigin {
  readonly dataset?: string;
  readonly runId?: string | null;
  readonly taskId?: string;
  readonly attempt?: number;
  readonly resource?: string;
  readonly chunk?: number;
}

export type SpanName =
  | 'run'
  | 'request'
  | 'task'
  | 'fetch'
  | 'parse'
  | 'validate'
  | 'load'
  | 'publish'
  | 'export'
  | 'discard'
  | 'retain'
  | 'check';

const ORIGIN = createContextKey('freshet.origin');
const KINDS: Partial<Record<SpanName, SpanKind>> = { request: SpanKind.SERVER, fetch: SpanKind.CLIENT };
const ATTRIBUTES = {
  dataset: 'freshet.dataset',
  runId: 'freshet.run.id',
  taskId: 'freshet.task.id',
  attempt: 'freshet.attempt',
  resource: 'freshet.resource',
  chunk: 'freshet.chunk',
} as const satisfies Record<keyof WorkOrigin, string>;

const tracer = () => trace.getTracer('@freshet/runtime');

/**
 * Does `work` in a span. It fails when `work` throws, with the code of the failure and never its message: messages may name addresses
 * and values. Without an exporter the span costs nothing, and trace context and origin are kept all the same.
 */
export async function inSpan<T>(name: SpanName, origin: WorkOrigin, work: (span: Span) => T | Promise<T>): Promise<T> {
  const all = { ...activeOrigin(), ...origin };
  const parent = context.active().setValue(ORIGIN, all);
  const span = tracer().startSpan(name, { kind: KINDS[name], attributes: attributesOf(all) }, parent);
  return context.with(trace.setSpan(parent, span), async () => {
    try {
      return await work(span);
    } catch (error) {
      failSpan(span, toFailure(error).code);
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Does `work` in the trace of a run without a span of its own, so that its log lines carry the run and the trace. */
export const inRun = <T>(origin: WorkOrigin & { readonly runId: string }, work: () => T): T =>
  context.with(runContext(origin.runId).setValue(ORIGIN, origin), work);

export function failSpan(span: Span, code: string): void {
  span.setAttribute('error.type', code).setStatus({ code: SpanStatusCode.ERROR });
}

/** A span of a run that began before the run had an id: what asked for it. */
export function recordRequest(origin: WorkOrigin & { readonly runId: string }, trigger: string, startedAt: Date): void {
  const attributes = { ...attributesOf(origin), 'freshet.trigger': trigger };
  tracer()
    .startSpan('request', { kind: KINDS.request, attributes, startTime: startedAt }, runContext(origin.runId))
    .end();
}

/**
 * The root of a run's trace, from the request to the end, written once when the run has ended. Everything done for a run names this
 * span as its parent before it exists, because its ids follow from the run's id (`traceparentOf`).
 */
export function recordRun(
  origin: WorkOrigin & { readonly runId: string },
  run: { readonly requestedAt: Date; readonly endedAt: Date; readonly outcome: string; readonly failure?: string },
): void {
  const ids = trace.getSpanContext(runContext(origin.runId));
  if (!ids) return;
  next = ids;
  try {
    const attributes: Attributes = { ...attributesOf(origin), 'freshet.outcome': run.outcome };
    const span = tracer().startSpan('run', { attributes, startTime: run.requestedAt, root: true }, ROOT_CONTEXT);
    if (run.failure) failSpan(span, run.failure);
    span.end(run.endedAt);
  } finally {
    next = null;
  }
}

/** Ids for the span that is being started; spans start synchronously, so no other can take them. */
let next: { readonly traceId: string; readonly spanId: string } | null = null;
export const fixedIds = (): typeof next => next;

/** What the work in progress belongs to, for the log. */
export const activeOrigin = (): WorkOrigin | undefined => context.active().getValue(ORIGIN) as WorkOrigin | undefined;

const runContext = (runId: string): Context =>
  propagation.extract(ROOT_CONTEXT, { [HEADERS.traceparent]: traceparentOf(runId) });

function attributesOf(origin: WorkOrigin): Attributes {
  const attributes: Attributes = {};
  for (const [key, name] of Object.entries(ATTRIBUTES)) {
    const value = origin[key as keyof WorkOrigin];
    if (value !== undefined && value !== null) attributes[name] = value;
  }
  return attributes;
}

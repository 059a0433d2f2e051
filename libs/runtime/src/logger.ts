import { context, trace } from '@opentelemetry/api';
import type { Logger } from '@freshet/domain';
import { multistream, pino, stdTimeFunctions, type DestinationStream, type Logger as Pino } from 'pino';
import { activeOrigin } from './spans';

export interface LoggerOptions {
  readonly service: string;
  readonly instance?: string;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly format?: 'json' | 'text';
  /** Every line goes to this file as well. */
  readonly file?: string;
}

/** Paths that are never printed, whatever was put into the fields. */
const REDACTED = [
  'token',
  '*.token',
  'password',
  '*.password',
  'authorization',
  '*.authorization',
  'headers.authorization',
];

/** JSON lines on standard output (or readable text), and in a file when asked. Times are UTC, RFC 3339. */
export function createLogger(options: LoggerOptions): Logger {
  const stdout: DestinationStream =
    options.format === 'text' ? { write: (line) => void process.stdout.write(asText(line)) } : process.stdout;
  const streams = [{ level: options.level, stream: stdout }];
  if (options.file) {
    streams.push({
      level: options.level,
      stream: pino.destination({ dest: options.file, append: true, mkdir: true, sync: true }),
    });
  }
  const base: Record<string, string> = { service: options.service };
  if (options.instance) base.instance = options.instance;
  return adapt(
    pino(
      {
        level: options.level,
        base,
        timestamp: stdTimeFunctions.isoTime,
        redact: { paths: REDACTED, censor: '[redacted]' },
        formatters: { level: (label) => ({ level: label }) },
      },
      multistream(streams),
    ),
  );
}

/** @param bound fields that every line of this logger has already: a line must not have a key twice. */
function adapt(logger: Pino, bound: ReadonlySet<string> = new Set()): Logger {
  const located = (fields: object): object => ({ ...whereabouts(bound), ...fields });
  return {
    debug: (fields, message) => logger.debug(located(fields), message),
    info: (fields, message) => logger.info(located(fields), message),
    warn: (fields, message) => logger.warn(located(fields), message),
    error: (fields, message) => logger.error(located(fields), message),
    child: (fields) => adapt(logger.child(fields), new Set([...bound, ...Object.keys(fields)])),
  };
}

/** Run, task, chunk and trace of the work in progress, so that each line can be found by any of them. */
function whereabouts(bound: ReadonlySet<string>): Record<string, unknown> {
  const found: Record<string, unknown> = { ...activeOrigin() };
  const span = trace.getSpanContext(context.active());
  if (span) Object.assign(found, { traceId: span.traceId, spanId: span.spanId });
  for (const key of bound) delete found[key];
  return found;
}

const HIDDEN_IN_TEXT = new Set(['level', 'time', 'service', 'instance', 'msg', 'traceId', 'spanId']);

/** `12:00:01 info  loader  message  key=value …` */
function asText(line: string): string {
  const entry = JSON.parse(line) as Record<string, unknown>;
  const fields = Object.entries(entry)
    .filter(([key]) => !HIDDEN_IN_TEXT.has(key))
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const time = String(entry.time).slice(11, 19);
  return `${time} ${String(entry.level).padEnd(5)} ${String(entry.service).padEnd(11)} ${String(entry.msg)}${fields.length > 0 ? `  ${fields.join(' ')}` : ''}\n`;
}

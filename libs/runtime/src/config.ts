import { readFileSync } from 'node:fs';
import { DEFAULT_MAX_MESSAGE_BYTES } from '@freshet/contracts';
import { z } from 'zod';
import { kafkaMistakes, kafkaVariables } from './kafka-variables';

/** All mistakes of a configuration at once; `main.ts` prints the message and exits with 2. */
export class ConfigError extends Error {
  constructor(readonly mistakes: readonly string[]) {
    super(`the configuration has ${mistakes.length} mistake(s):\n${mistakes.map((line) => `  - ${line}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/**
 * Reads a service's configuration from the environment: the only place in Freshet that does. Keys of `schema` are the names
 * of the variables. A variable `X` may stand in a file named by `X_FILE` instead (mounted secrets); an empty one counts as absent.
 *
 * @throws ConfigError naming every mistake.
 */
export function readConfig<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): z.infer<z.ZodObject<Shape>> {
  const mistakes: string[] = [];
  const values: Record<string, string> = {};
  for (const key of Object.keys(schema.shape)) {
    const value = readVariable(key, environment, mistakes);
    if (value !== undefined && value !== '') values[key] = value;
  }
  const parsed = schema.safeParse(values);
  if (!parsed.success) {
    mistakes.push(...parsed.error.issues.map((issue) => `${issue.path.join('.') || '(all)'}: ${issue.message}`));
  }
  if (parsed.success) mistakes.push(...kafkaMistakes(parsed.data));
  if (mistakes.length > 0 || !parsed.success) throw new ConfigError(mistakes);
  return parsed.data;
}

/**
 * Values of secrets that are named elsewhere, in definitions of datasets for example: from the variable of that name, or from the
 * file that `<name>_FILE` names. What is not set is not in the result.
 *
 * @throws ConfigError naming every mistake, never a value.
 */
export function secretsFrom(
  names: Iterable<string>,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): ReadonlyMap<string, string> {
  const mistakes: string[] = [];
  const secrets = new Map<string, string>();
  for (const name of new Set(names)) {
    const value = readVariable(name, environment, mistakes)?.trim();
    if (!value) continue;
    // A header cannot carry it: the first request would fail, with the value in its message.
    if (/[^\x20-\x7e]/.test(value)) mistakes.push(`${name}: has characters that a header cannot carry`);
    else secrets.set(name, value);
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return secrets;
}

function readVariable(
  key: string,
  environment: Readonly<Record<string, string | undefined>>,
  mistakes: string[],
): string | undefined {
  const file = environment[`${key}_FILE`];
  if (!file) return environment[key];
  if (environment[key]) {
    mistakes.push(`${key} and ${key}_FILE are both set: keep one`);
    return undefined;
  }
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    mistakes.push(`${key}_FILE: ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
    return undefined;
  }
}

/** Pieces that the schemas of services are put together from. */
export const variables = {
  port: (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback),
  integer: (fallback: number, min = 0, max = Number.MAX_SAFE_INTEGER) =>
    z.coerce.number().int().min(min).max(max).default(fallback),
  boolean: (fallback: boolean) =>
    z
      .enum(['true', 'false', '1', '0'])
      .default(fallback ? 'true' : 'false')
      .transform((value) => value === 'true' || value === '1'),
  /** One token, or several separated by commas; `missing` says what is expected. */
  tokens: (missing: string) =>
    z
      .string({ error: missing })
      .transform((value) =>
        value
          .split(',')
          .map((item) => item.trim())
          .filter(Boolean),
      )
      .refine((tokens) => tokens.length > 0, missing)
      .refine((tokens) => tokens.every(({ length }) => length >= 16), 'has a token with fewer than 16 characters'),
  list: () =>
    z
      .string()
      .default('')
      .transform((value) =>
        value
          .split(',')
          .map((item) => item.trim())
          .filter(Boolean),
      ),
} as const;

/** What every service has; spread into its schema. */
export const commonVariables = {
  FRESHET_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  /** A file that gets every line as well, appended. */
  FRESHET_LOG_FILE: z.string().optional(),
  FRESHET_LOG_FORMAT: z.enum(['json', 'text']).default('json'),
  FRESHET_HTTP_PORT: variables.port(8080),
  /** Name of this process in logs, leases and memory reports; the host name when not set. */
  FRESHET_INSTANCE: z.string().optional(),
  /** Base address of an OTLP receiver, HTTP with protobuf; nothing is exported without it. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/, error: 'not an http or https address' }).optional(),
  /** Milliseconds between two exports of the metrics. */
  OTEL_METRIC_EXPORT_INTERVAL: variables.integer(60_000, 100, 3_600_000),
} as const;

/** What every service of a cluster has besides; standalone needs none of it. */
export const clusterVariables = {
  FRESHET_KAFKA_BROKERS: variables
    .list()
    .refine((brokers) => brokers.length > 0, 'expected host:port, or several of them'),
  ...kafkaVariables,
  FRESHET_MAX_MESSAGE_BYTES: variables.integer(DEFAULT_MAX_MESSAGE_BYTES, 65_536),
  /** A folder of further or overriding dataset definitions, the same for all services. */
  FRESHET_DATASETS_DIR: z.string().optional(),
} as const;

/** What every service with a database has besides. */
export const databaseVariables = {
  FRESHET_DATABASE_URL: z.string({ error: 'expected postgres://user:password@host:port/database' }).min(1),
  /** `wait`: the schema is brought up to date by something else (a migration Job), and the start waits for it. */
  FRESHET_MIGRATIONS: z.enum(['run', 'wait']).default('run'),
} as const;

export const commonSchema = z.object(commonVariables);
export type CommonConfig = z.infer<typeof commonSchema>;

/** The environment of this process, for a child process started on a person's behalf. */
export const childEnvironment = (): Record<string, string | undefined> => ({ ...process.env });

import { clusterVariables, commonVariables, databaseVariables, variables } from '@freshet/runtime';
import { z } from 'zod';
import { logOnly, type Notifier } from './delivery/notifier';
import { WebhookNotifier } from './delivery/webhook';
import { FileSink, HttpSink, type LineageSink } from './openlineage/sink';
import { DEFAULT_SETTINGS, type ReporterSettings } from './settings';

/** Variables about notifications; standalone takes them into its own schema. */
export const reporterVariables = {
  /** Where notifications are posted; nowhere when absent. Treated as a secret. */
  FRESHET_WEBHOOK_URL: z.url({ protocol: /^https?$/, error: 'not an http or https address' }).optional(),
  /** Sent to the webhook as a bearer token. */
  FRESHET_WEBHOOK_TOKEN: z.string().optional(),
  FRESHET_ALERT_AFTER_FAILURES: variables.integer(DEFAULT_SETTINGS.alertAfterFailures, 1, 100),
  FRESHET_ALERT_CHECK_SECONDS: variables.integer(DEFAULT_SETTINGS.checkEveryMs / 1000, 1, 3600),
  /** CloudEvents `source`. */
  FRESHET_EVENT_SOURCE: z.string().default(DEFAULT_SETTINGS.eventSource),
  /** Where OpenLineage events of runs are posted: a server, or the whole address. Nowhere when absent. */
  FRESHET_OPENLINEAGE_URL: z.url({ protocol: /^https?$/, error: 'not an http or https address' }).optional(),
  /** Sent there as a bearer token. */
  FRESHET_OPENLINEAGE_API_KEY: z.string().optional(),
  /** File to which OpenLineage events are appended, one a line. */
  FRESHET_OPENLINEAGE_FILE: z.string().optional(),
  /** Namespace of the jobs and datasets in these events. */
  FRESHET_OPENLINEAGE_NAMESPACE: z.string().min(1).default(DEFAULT_SETTINGS.lineageNamespace),
} as const;

export const configSchema = z.object({
  ...commonVariables,
  ...clusterVariables,
  ...reporterVariables,
  ...databaseVariables,
});
export type Config = z.infer<typeof configSchema>;

type ReporterConfig = Pick<Config, keyof typeof reporterVariables>;

export const settingsFrom = (config: ReporterConfig): ReporterSettings => ({
  ...DEFAULT_SETTINGS,
  alertAfterFailures: config.FRESHET_ALERT_AFTER_FAILURES,
  checkEveryMs: config.FRESHET_ALERT_CHECK_SECONDS * 1000,
  eventSource: config.FRESHET_EVENT_SOURCE,
  lineageNamespace: config.FRESHET_OPENLINEAGE_NAMESPACE,
});

export const notifierFrom = (config: ReporterConfig): Notifier =>
  config.FRESHET_WEBHOOK_URL === undefined
    ? logOnly
    : new WebhookNotifier({ url: config.FRESHET_WEBHOOK_URL, token: config.FRESHET_WEBHOOK_TOKEN });

/** Who is told of runs; nobody when nothing is configured. */
export const lineageSinksFrom = (config: ReporterConfig): readonly LineageSink[] => [
  ...(config.FRESHET_OPENLINEAGE_URL === undefined
    ? []
    : [new HttpSink({ url: config.FRESHET_OPENLINEAGE_URL, apiKey: config.FRESHET_OPENLINEAGE_API_KEY })]),
  ...(config.FRESHET_OPENLINEAGE_FILE === undefined ? [] : [new FileSink(config.FRESHET_OPENLINEAGE_FILE)]),
];

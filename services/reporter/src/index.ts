export { Alerter } from './alerting/alerter';
export type { AlertData } from './alerting/event';
export { notifierFrom, reporterVariables, settingsFrom } from './config';
export { logOnly, type Notifier, type SendResult, type StoredEvent } from './delivery/notifier';
export { WebhookNotifier, type WebhookOptions } from './delivery/webhook';
export { ReporterModule } from './reporter.module';
export { DEFAULT_SETTINGS, type ReporterSettings } from './settings';
export { DATABASE, NOTIFIER, SETTINGS } from './tokens';
export { Watch } from './watch';

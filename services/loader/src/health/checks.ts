import type { Database } from '@freshet/database';
import type { Messaging } from '@freshet/messaging';
import type { HealthCheck } from '@freshet/runtime';

export const loaderChecks = (database: Database, messaging: Messaging): readonly HealthCheck[] => [
  { name: 'messaging.live', kind: 'liveness', check: () => ({ ok: messaging.health().live, detail: messaging.health().detail }) },
  { name: 'messaging', kind: 'readiness', check: () => ({ ok: messaging.health().ready, detail: messaging.health().detail }) },
  { name: 'database', kind: 'readiness', check: async () => (await database.query('SELECT 1'), { ok: true, detail: 'answers' }) },
];

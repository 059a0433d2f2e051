import type { Database } from '@freshet/database';
import { messagingChecks, type Messaging } from '@freshet/messaging';
import type { HealthCheck } from '@freshet/runtime';

export const loaderChecks = (database: Database, messaging: Messaging): readonly HealthCheck[] => [
  ...messagingChecks(messaging),
  {
    name: 'database',
    kind: 'readiness',
    check: async () => (await database.query('SELECT 1'), { ok: true, detail: 'answers' }),
  },
];

import type { Database } from '@freshet/database';
import { messagingChecks, type Messaging } from '@freshet/messaging';
import type { HealthCheck } from '@freshet/runtime';
import type { Engine } from '../engine/engine';

/** A loop that has not turned for this long hangs: no step of it waits longer for a database or a lock. */
const HUNG_AFTER_MS = 180_000;

/** Liveness looks at memory only; readiness also at what the coordinator cannot do without. Who leads is said, and does not count. */
export const coordinatorChecks = (engine: Engine, database: Database, messaging: Messaging): readonly HealthCheck[] => [
  {
    name: 'loops',
    kind: 'liveness',
    check: () => ({
      ok: engine.isAlive(HUNG_AFTER_MS),
      detail: engine.isAlive(HUNG_AFTER_MS) ? 'turning' : 'the loop that moves runs hangs',
    }),
  },
  ...messagingChecks(messaging),
  {
    name: 'database',
    kind: 'readiness',
    check: async () => (await database.query('SELECT 1'), { ok: true, detail: 'answers' }),
  },
  { name: 'leadership', kind: 'readiness', check: () => ({ ok: true, detail: engine.isLeader ? 'leads' : 'follows' }) },
];

import type { Register } from '../program';
import { registerBackfill } from './backfill';
import { registerBackfills } from './backfills';
import { registerCancel, registerRetry } from './cancel-retry';
import { registerChecks } from './checks';
import { registerDatasets, registerStatus } from './datasets';
import { registerDeadLetters } from './dead-letters';
import { registerDiff } from './diff';
import { registerDoctor } from './doctor';
import { registerExport } from './export';
import { registerGaps } from './gaps';
import { registerGenerations, registerRollback } from './generations';
import { registerLineage } from './lineage';
import { registerObservations } from './observations';
import { registerProbe } from './probe';
import { registerQuarantine } from './quarantine';
import { registerRefresh } from './refresh';
import { registerRuns } from './runs';
import { registerSeries } from './series';

/** Every command, in the order of the help. */
export function registerCommands(register: Register): void {
  registerDatasets(register);
  registerStatus(register);
  registerRefresh(register);
  registerRuns(register);
  registerCancel(register);
  registerRetry(register);
  registerGenerations(register);
  registerRollback(register);
  registerDiff(register);
  registerSeries(register);
  registerObservations(register);
  registerLineage(register);
  registerChecks(register);
  registerGaps(register);
  registerBackfill(register);
  registerBackfills(register);
  registerQuarantine(register);
  registerDeadLetters(register);
  registerExport(register);
  registerProbe(register);
  registerDoctor(register);
}

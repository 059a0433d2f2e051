import { ApiError, isUnavailable, sleep } from '@freshet/client';
import type { RunView, StartRefreshBody } from '@freshet/contracts';
import { isEnded } from '@freshet/domain';
import { startOf } from '../job';
import type { Session } from '../session';
import { detaching, unlessDetached } from './detach';

type Order = Omit<StartRefreshBody, 'trigger' | 'idempotencyKey' | 'datasets'>;

/** Between two tries to reach a coordinator that is away. */
const PAUSE_MS = 2000;
/** A run in the way may end between the refusal and the look for it; then the start is tried again. */
const TRIES = 5;

export interface Started {
  readonly runs: readonly RunView[];
  /** Those of them that another request had started, and that are followed instead of a new one. */
  readonly joined: readonly RunView[];
}

/**
 * Starts one run a dataset. By a schedule, a dataset that is being refreshed already is not an error: its run is taken instead. By
 * hand it is one, because the refresh that was asked for may be a different one.
 *
 * @throws ApiError with status 409 when a run of a dataset is in the way.
 */
export async function startRuns(session: Session, datasets: readonly string[], order: Order): Promise<Started> {
  const { client, world } = session;
  const start = startOf(world.environment, world.date());
  if (start.trigger === 'manual') {
    const body = { ...order, datasets, trigger: start.trigger, idempotencyKey: start.key };
    return { runs: await patiently(session, () => client.startRefresh(body)), joined: [] };
  }
  const runs: RunView[] = [];
  const joined: RunView[] = [];
  for (const dataset of datasets) {
    const body = { ...order, datasets: [dataset], trigger: start.trigger, idempotencyKey: start.key(dataset) };
    const result = await patiently(session, () => startOrJoin(session, dataset, body));
    runs.push(...result.runs);
    joined.push(...result.joined);
  }
  return { runs, joined };
}

async function startOrJoin({ client }: Session, dataset: string, body: StartRefreshBody): Promise<Started> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return { runs: await client.startRefresh(body), joined: [] };
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409) throw error;
      // Backfill is in nobody's way.
      const inTheWay = (await client.runs({ dataset, limit: 200 })).filter(
        ({ state, trigger }) => !isEnded(state) && trigger !== 'backfill',
      );
      if (inTheWay.length > 0) return { runs: inTheWay.slice(0, 1), joined: inTheWay.slice(0, 1) };
      if (attempt === TRIES) throw error;
    }
  }
}

/** Repeats what no coordinator answered, for as long as FRESHET_PATIENCE_SECONDS says; without it, not at all. */
export async function patiently<T>({ world, print }: Session, ask: () => Promise<T>): Promise<T> {
  const patienceMs = (world.environment.FRESHET_PATIENCE_SECONDS ?? 0) * 1000;
  const since = world.now();
  const detach = detaching(world);
  try {
    for (let told = false; ; told = true) {
      try {
        return await unlessDetached(detach.signal, ask());
      } catch (error) {
        if (!isUnavailable(error) || world.now() - since >= patienceMs) throw error;
        if (!told) print.note(`${error.message}; still asking`);
        await (world.sleep ?? sleep)(PAUSE_MS, detach.signal);
      }
    }
  } finally {
    detach.end();
  }
}

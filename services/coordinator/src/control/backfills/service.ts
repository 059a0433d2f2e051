import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CATALOG, type Catalog } from '@freshet/catalog';
import type { BackfillPlanView, BackfillView, GapView } from '@freshet/contracts';
import {
  backfillByKey,
  backfillView,
  cancelBackfill,
  createBackfill,
  findGaps,
  listBackfills,
  requestCancel,
  type Database,
} from '@freshet/database';
import type { Clock } from '@freshet/domain';
import { CLOCK } from '@freshet/runtime';
import { DATABASE } from '../../tokens';
import { conflict, notFound, type Problem } from '../problem';
import { planBackfill, planView, seriesDefinition } from './plan';
import type { GapsQuery, StartBackfill } from './requests';

/** What is missing of time series, and the orders to fill it. Throws `Problem` or `FreshetError`. */
@Injectable()
export class BackfillService {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  gaps({ dataset, ...filter }: GapsQuery): Promise<GapView[]> {
    const definition = seriesDefinition(this.catalog.get(dataset));
    return findGaps(this.database, definition, filter, this.clock.now());
  }

  /** What `start` would do. Changes nothing. */
  async plan(dataset: string, asked: StartBackfill): Promise<BackfillPlanView> {
    const definition = seriesDefinition(this.catalog.get(dataset));
    return planView(definition, await planBackfill(this.database, definition, asked, this.clock.now()));
  }

  /** The same idempotency key twice gives the backfill of the first call. */
  async start(dataset: string, asked: StartBackfill): Promise<BackfillView> {
    const definition = seriesDefinition(this.catalog.get(dataset));
    const idempotencyKey = `${asked.idempotencyKey ?? randomUUID()}:${dataset}`;
    // Looked for first: by now more may be stored, and planning again would give other partitions.
    const known = await backfillByKey(this.database, idempotencyKey);
    if (known) return this.view(known);
    const now = this.clock.now();
    const plan = await planBackfill(this.database, definition, asked, now);
    const order = { id: randomUUID(), dataset, origin: 'manual', idempotencyKey, ...plan } as const;
    return this.view(await createBackfill(this.database, order, now));
  }

  list(filter: { readonly dataset?: string; readonly limit: number }): Promise<BackfillView[]> {
    if (filter.dataset !== undefined) this.catalog.get(filter.dataset);
    return listBackfills(this.database, filter);
  }

  async view(id: string): Promise<BackfillView> {
    const view = await backfillView(this.database, id);
    if (!view) throw noBackfill(id);
    return view;
  }

  /** What waits is dropped, what is under way is cancelled; what is stored stays. */
  async cancel(id: string): Promise<BackfillView> {
    const asked = await cancelBackfill(this.database, id, this.clock.now());
    if (!asked) throw noBackfill(id);
    const view = await this.view(id);
    if (!asked.accepted)
      throw conflict(`backfill ${id} is ${view.state}: it has ended already`, 'Nothing is to be done.');
    for (const runId of asked.runs) await requestCancel(this.database, runId);
    return view;
  }
}

const noBackfill = (id: string): Problem =>
  notFound(`there is no backfill ${id}`, 'freshet backfills lists the newest backfills.');

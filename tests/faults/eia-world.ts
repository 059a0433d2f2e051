/** One Freshet over one simulated EIA and one PostgreSQL, and what they say of the same hours. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { RunView } from '@freshet/contracts';
import { openDatabase, type Database } from '@freshet/database';
import {
  startEiaPublisher,
  startPostgres,
  startStandaloneProcess,
  type EiaPublisher,
  type EiaRoute,
  type RunningDeployment,
  type RunningPostgres,
} from '@freshet/testing';
import { COOL_DOWN_MS, MAX_ATTEMPTS } from './eia-fault-cases';

/** After a suspension of `eia.net-generation`. */
export const LONG_COOL_DOWN_MS = 2_000;
/** Fuels that rest at night, or hardly move, look like these in ordinary data: there they are notes, and not looked at here. */
const ORDINARY: Readonly<Record<string, readonly string[]>> = { 'eia.fuel-mix': ['spike', 'identical-run'] };
export const RUN_TIMEOUT_MS = 60_000;
export const KEY = 'a-key-of-the-simulator';
/** One question, several pages: the estimate is told to be low. */
const SEVERAL_PAGES = { pageSize: 20, recordsPerHour: 0.1 };
const NOW = new Date('2026-01-01T00:00:00Z');
const HOUR_MS = 3_600_000;

/** Interval starts, half-open, as `YYYY-MM-DDTHH`, and whose. */
export interface Asked {
  readonly from: string;
  readonly to: string;
  readonly only: readonly string[];
}

/** One published hour; `said` is the value as it stands in the row, number or text. */
export interface Hour {
  readonly value: string | null;
  readonly said: unknown;
}

/** What Freshet noticed about a run. */
export interface Found {
  /** How often, by check; those that found nothing are left out. */
  readonly finds: Readonly<Record<string, number>>;
  /** Rows too many. */
  readonly duplicates: number;
  /** `series kind hours` of what is not there. */
  readonly gaps: readonly string[];
}

interface Source {
  readonly route: EiaRoute;
  readonly facet: string;
  readonly facets: Readonly<Record<string, string | readonly string[]>>;
  name(row: Readonly<Record<string, unknown>>): string;
}

const KINDS: Readonly<Record<string, string>> = {
  D: 'demand',
  DF: 'forecast',
  NG: 'net-generation',
  TI: 'total-interchange',
};
const region = (...types: string[]): Source => ({
  route: 'region-data',
  facet: 'respondent',
  facets: { type: types },
  name: ({ respondent, type }) => `${String(respondent)}.${KINDS[String(type)] ?? ''}`,
});

/** Where the rows of a dataset are, and what their series are called. */
const SOURCES: Readonly<Record<string, Source>> = {
  'eia.demand': region('D'),
  'eia.forecast': region('DF'),
  'eia.net-generation': region('NG', 'TI'),
  'eia.fuel-mix': {
    route: 'fuel-type-data',
    facet: 'respondent',
    facets: {},
    name: ({ respondent, fueltype }) => `${String(respondent)}.fuel.${String(fueltype)}`,
  },
  'eia.interchange': {
    route: 'interchange-data',
    facet: 'fromba',
    facets: {},
    name: ({ fromba, toba }) => `${String(fromba)}-${String(toba)}.interchange`,
  },
};

/** `YYYY-MM-DDTHH` of an instant. */
export const stamp = (at: Date): string => at.toISOString().slice(0, 13);
const after = (text: string, hours: number): string => stamp(new Date(Date.parse(`${text}:00:00Z`) + hours * HOUR_MS));
const instant = (text: string): string => `${text}:00:00Z`;

export class EiaWorld {
  private constructor(
    readonly publisher: EiaPublisher,
    /** Those the publisher lets in. */
    readonly keys: string[],
    readonly postgres: RunningPostgres,
    readonly freshet: RunningDeployment,
    readonly database: Database,
    private readonly folder: string,
  ) {}

  static async start(): Promise<EiaWorld> {
    const keys = [KEY];
    const folder = mkdtempSync(join(tmpdir(), 'freshet-eia-faults-'));
    const [publisher, postgres] = await Promise.all([startEiaPublisher({ keys, now: () => NOW }), startPostgres()]);
    const freshet = await startStandaloneProcess({
      postgres,
      publisher,
      folder,
      definitions: {
        '*': {
          retry: { maxAttempts: MAX_ATTEMPTS, initialDelay: '50ms', maxDelay: '100ms' },
          timeouts: { connect: '5s', stall: '20s', total: '60s', growth: 0 },
          // Nothing in this test waits for a permit, but after a suspension.
          rateLimit: { key: 'eia', limits: [{ requests: 10_000, per: '1s' }], coolDown: `${COOL_DOWN_MS}ms` },
          timeseries: { backfill: { automatic: false } },
        },
        'eia.demand': { paging: SEVERAL_PAGES },
        // Where the publisher is slow; everything else has all the time it needs.
        'eia.forecast': { paging: SEVERAL_PAGES, timeouts: { stall: '400ms', total: '3s' } },
        'eia.interchange': { paging: { style: 'header' } },
        'eia.net-generation': { rateLimit: { coolDown: `${LONG_COOL_DOWN_MS}ms` } },
        'eia.sub-ba-demand': { credential: { variable: 'KEY_OF_NOBODY' } },
      },
      env: { EIA_API_KEY: KEY },
    });
    return new EiaWorld(publisher, keys, postgres, freshet, await openDatabase(postgres.url), folder);
  }

  async stop(): Promise<void> {
    await this.database.close();
    await this.freshet.stop();
    await this.publisher.stop();
    await this.postgres.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async begin(dataset: string, { from, to, only }: Asked): Promise<string> {
    const body = { datasets: [dataset], from: instant(from), to: instant(to), only };
    const [run] = await this.freshet.client.startRefresh(body);
    if (!run) throw new Error('no run was started');
    return run.id;
  }

  ended(id: string): Promise<RunView> {
    return this.freshet.client.waitForRun(id, {
      signal: AbortSignal.timeout(RUN_TIMEOUT_MS),
      minPollMs: 50,
      maxPollMs: 200,
    });
  }

  async refresh(dataset: string, asked: Asked): Promise<RunView> {
    return this.ended(await this.begin(dataset, asked));
  }

  /** What the publisher says of these hours: `series start` → the last of the rows. */
  truth(dataset: string, { from, to, only }: Asked): Map<string, Hour> {
    const { route, facet, facets, name } = sourceOf(dataset);
    // Stamps are of the end of an hour, and both are included.
    const rows = this.publisher.truth(route, { ...facets, [facet]: only }, after(from, 1), to);
    return new Map(
      rows.map((row) => [
        `${name(row)} ${after(String(row['period']), -1)}`,
        { value: exact(row['value'] as string | null), said: row['value'] },
      ]),
    );
  }

  /** What is stored of these hours, by value, as one reads it, and as it was received. */
  async stored(dataset: string, { from, to, only }: Asked): Promise<Map<string, Hour>> {
    const rows = await this.observations(dataset, { from, to, only });
    return new Map(
      rows.map(({ name, startsAt, value, source }) => [
        `${name} ${stamp(startsAt)}`,
        { value, said: (JSON.parse(source) as Record<string, unknown>)['value'] },
      ]),
    );
  }

  /** `series start` of the hours with this quality. */
  async withQuality(quality: string, dataset: string, asked: Asked): Promise<string[]> {
    const rows = await this.observations(dataset, asked);
    return rows.filter((row) => row.quality === quality).map(({ name, startsAt }) => `${name} ${stamp(startsAt)}`);
  }

  private observations(dataset: string, { from, to, only }: Asked): Promise<StoredHour[]> {
    return this.database.query<StoredHour>(
      `SELECT s.name, o.starts_at AS "startsAt", o.value::text AS value, o.quality, o.source
       FROM freshet.series s JOIN freshet.observation o ON o.series_id = s.id
       WHERE s.dataset = $1 AND o.starts_at >= $2 AND o.starts_at < $3 AND s.respondent = ANY ($4) ORDER BY s.name, o.starts_at`,
      [dataset, instant(from), instant(to), only],
    );
  }

  async found(run: RunView, asked: Asked): Promise<Found> {
    const [finds, duplicates, gaps] = await Promise.all([
      this.findings(run),
      this.duplicates(run.id),
      this.gaps(run.dataset, asked),
    ]);
    return { finds, duplicates, gaps };
  }

  private async findings({ id, dataset }: RunView): Promise<Record<string, number>> {
    const { items } = await this.freshet.client.checks({ run: id, dataset });
    const odd = items.filter(({ name, failed }) => failed > 0 && !ORDINARY[dataset]?.includes(name));
    return Object.fromEntries(odd.map(({ name, failed }) => [name, failed]));
  }

  private async gaps(dataset: string, { from, to, only }: Asked): Promise<string[]> {
    const gaps = await this.freshet.client.gaps({ dataset, from: instant(from), to: instant(to) });
    return gaps
      .filter(({ respondent }) => only.includes(respondent))
      .map(({ series, kind, intervals }) => `${series} ${kind} ${intervals}`)
      .sort();
  }

  async until(holds: () => boolean): Promise<void> {
    for (const end = Date.now() + RUN_TIMEOUT_MS; !holds();) {
      if (Date.now() > end) throw new Error('what was waited for did not happen');
      await pause(10);
    }
  }

  private async duplicates(runId: string): Promise<number> {
    const [row] = await this.database.query<{ duplicates: number }>(
      'SELECT duplicates FROM freshet.merge WHERE run_id = $1',
      [runId],
    );
    return row?.duplicates ?? -1;
  }
}

interface StoredHour {
  readonly [column: string]: unknown;
  readonly name: string;
  readonly startsAt: Date;
  readonly value: string | null;
  readonly quality: string;
  readonly source: string;
}

function sourceOf(dataset: string): Source {
  const source = SOURCES[dataset];
  if (!source) throw new Error(`where the rows of ${dataset} are is not known here`);
  return source;
}

/** A published text as PostgreSQL writes the same number: `.3` is 0.3, nothing is null. */
function exact(text: string | null): string | null {
  if (text === null || text === '') return null;
  return text.replace(/^(-?)\./, '$10.');
}

/** The failure a run ended with; where its attempts were used up, the last one's. */
export function failureOf(run: RunView): RunView['failure'] {
  if (run.failure?.code !== 'attempts_exhausted') return run.failure;
  return [...run.attempts].reverse().find(({ failure }) => failure)?.failure ?? run.failure;
}

/** A text table, every column but the last padded. */
export function formatted(rows: readonly (readonly string[])[]): string {
  const last = (rows[0]?.length ?? 1) - 1;
  const widths = Array.from({ length: last }, (_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, i) => (i < last ? cell.padEnd(widths[i] ?? 0) : cell)).join('  ')).join('\n');
}

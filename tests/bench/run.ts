/**
 * `npm run bench`: one JSON object on standard output, progress on standard error.
 *
 *   npm run bench -- [--parts war,eia,upsert] --sizes 0.1,1,4 --modes standalone,kafka [--rows 200000] [--check]
 *
 * `war` is a refresh of an archive, `eia` hourly data end to end, `upsert` rows a second into observations (`--rows` of them) beside a
 * bare COPY. Sizes are multiples of the real WAR archive (2 million rows in eight members). In the same run and into the same server the
 * floor is measured: `unzip -p | psql \copy`. With `--check` a missed target makes the exit code 1.
 */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { parseArgs } from 'node:util';
import {
  kafkaProvider,
  startBseePublisher,
  startCluster,
  startKafka,
  startPostgres,
  startStandaloneProcess,
  type RunningKafka,
  type RunningPostgres,
} from '@freshet/testing';
import { measureEia, type EiaFigures } from './eia';
import { measureFloor, missingTools, round, type Floor } from './floor';
import { measure, type Measured } from './measure';
import { measureUpsert, type Upsert } from './upsert';

const DATASET = 'bsee.war';
const MAX_RATIO = 3;
const MAX_RSS_BYTES = 256 * 1024 * 1024;
const MAX_UNCHANGED_SECONDS = 1;

/** Of a bare COPY, for every kind of batch. */
const MIN_UPSERT_TO_COPY = 0.5;
const MIN_UPSERT_ROWS_PER_SECOND = 1_000;
const MAX_EIA_DAY_SECONDS = 5;

const PARTS = ['war', 'eia', 'upsert'] as const;
const MODES = ['standalone', 'kafka'] as const;
type Mode = (typeof MODES)[number];

interface Size {
  readonly scale: number;
  readonly rows: number;
  readonly uncompressedBytes: number;
  readonly compressedBytes: number;
  readonly floor: (Floor & { readonly rowsPerSecond: number }) | null;
  readonly modes: Partial<Record<Mode, Measured & { readonly ratioToFloor: number | null }>>;
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      sizes: { type: 'string', default: '0.1,1,4' },
      modes: { type: 'string', default: MODES.join(',') },
      seed: { type: 'string', default: '1' },
      parts: { type: 'string', default: PARTS.join(',') },
      rows: { type: 'string', default: '200000' },
      check: { type: 'boolean', default: false },
    },
  });
  const parts = oneOf(PARTS, values.parts);
  const war = parts.includes('war');
  const sizes = war ? values.sizes.split(',').map(Number) : [];
  const modes = war ? oneOf(MODES, values.modes) : [];
  const notes: string[] = [];
  const missing = war ? missingTools() : [];
  if (missing.length > 0) note(notes, `THE FLOOR IS NOT MEASURED: ${missing.join(' and ')} cannot be run here`);
  if (process.platform !== 'linux') note(notes, 'PEAK MEMORY IS NOT MEASURED: it is read from /proc, which Linux has');
  if (modes.includes('kafka') && kafkaProvider() === null)
    note(notes, 'KAFKA MODE IS NOT MEASURED: set FRESHET_KAFKA_BROKERS, or have Docker, or Java 17 and Maven');

  const postgres = await startPostgres();
  const kafka = modes.includes('kafka') && kafkaProvider() !== null ? await startKafka() : null;
  const measured: Size[] = [];
  let eia: EiaFigures | null = null;
  let upsert: Upsert | null = null;
  try {
    for (const scale of sizes) {
      measured.push(
        await measureSize({ scale, seed: Number(values.seed), modes, postgres, kafka, floor: missing.length === 0 }),
      );
    }
    if (parts.includes('eia')) eia = await measureEia(postgres, say);
    if (parts.includes('upsert'))
      upsert = await measureUpsert(() => postgres.createDatabase('bench_upsert'), { rows: Number(values.rows), say });
  } finally {
    await kafka?.stop();
    await postgres.stop();
  }
  const targets = { ...judged(measured), ...judgedEia(eia), ...judgedUpsert(upsert) };
  const report = {
    benchmark: 'freshet: refresh of a WAR-size archive, hourly data of EIA-930, rows a second into observations',
    at: new Date().toISOString(),
    machine: {
      cpus: cpus().length,
      model: cpus()[0]?.model ?? 'unknown',
      memoryBytes: totalmem(),
      node: process.version,
    },
    kafka: kafka?.version ?? null,
    sizes: measured,
    eia,
    upsert,
    targets,
    notes,
  };
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  return values.check && Object.values(targets).some(({ met }) => met === false) ? 1 : 0;
}

interface SizeOptions {
  readonly scale: number;
  readonly seed: number;
  readonly modes: readonly Mode[];
  readonly postgres: RunningPostgres;
  readonly kafka: RunningKafka | null;
  readonly floor: boolean;
}

async function measureSize({ scale, seed, modes, postgres, kafka, floor: withFloor }: SizeOptions): Promise<Size> {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-bench-archive-'));
  say(`size ${scale}: making the archive`);
  const publisher = await startBseePublisher({ scale, seed });
  try {
    await publisher.prepare([DATASET]);
    const truth = await publisher.truth(DATASET);
    const rows = truth.reduce((sum, { records }) => sum + records, 0);
    const archive = join(folder, 'archive.zip');
    const compressedBytes = await download(publisher.archiveUrl(DATASET), archive);
    let floor: Size['floor'] = null;
    if (withFloor) {
      say(`size ${scale}: the floor`);
      const seen = await measureFloor(archive, DATASET, await postgres.createDatabase('floor'));
      floor = { ...seen, rowsPerSecond: Math.round(rows / seen.seconds) };
      say(`size ${scale}: floor ${floor.seconds} s`);
    }
    await rm(archive);
    const results: Size['modes'] = {};
    for (const mode of modes) {
      if (mode === 'kafka' && !kafka) continue;
      say(`size ${scale}: ${mode}`);
      const url = await postgres.createDatabase(`bench_${mode}`);
      const result = await measure(
        ({ folder: work }) => {
          const options = { postgres: { url }, publisher, folder: work };
          return mode === 'kafka' && kafka ? startCluster({ ...options, kafka }) : startStandaloneProcess(options);
        },
        publisher,
        rows,
        (line) => say(`size ${scale}: ${mode}: ${line}`),
      );
      results[mode] = { ...result, ratioToFloor: floor ? round(result.seconds / floor.seconds) : null };
      say(`size ${scale}: ${mode} ${result.seconds} s, unchanged ${result.unchanged.seconds} s`);
    }
    const uncompressedBytes = truth.reduce((sum, { bytes }) => sum + bytes, 0);
    return { scale, rows, uncompressedBytes, compressedBytes, floor, modes: results };
  } finally {
    await publisher.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function download(url: string, path: string): Promise<number> {
  const response = await fetch(url);
  await pipeline(Readable.fromWeb(response.body as ReadableStream), createWriteStream(path));
  return Number(response.headers.get('content-length'));
}

/** Words of a list that have to be known ones; an empty list is none. */
function oneOf<T extends string>(known: readonly T[], list: string): T[] {
  return list.split(',').flatMap((name) => {
    const found = known.find((candidate) => candidate === name);
    if (!found && name !== '') throw new Error(`there is no "${name}"; there are: ${known.join(', ')}`);
    return found ?? [];
  });
}

type Targets = Record<string, { limit: number; worst: number | null; met: boolean | null }>;

const judgedEia = (eia: EiaFigures | null): Targets =>
  eia
    ? {
        eiaDaySeconds: {
          limit: MAX_EIA_DAY_SECONDS,
          worst: eia.day.seconds,
          met: eia.day.seconds <= MAX_EIA_DAY_SECONDS,
        },
        eiaLimitViolations: { limit: 0, worst: eia.violations, met: eia.violations === 0 },
      }
    : {};

function judgedUpsert(upsert: Upsert | null): Targets {
  if (!upsert) return {};
  const cases = Object.values(upsert.cases);
  const atLeast = (limit: number, worst: number) => ({ limit, worst, met: worst >= limit });
  return {
    upsertToCopy: atLeast(MIN_UPSERT_TO_COPY, Math.min(...cases.map(({ mergeToCopy }) => mergeToCopy))),
    upsertRowsPerSecond: atLeast(MIN_UPSERT_ROWS_PER_SECOND, Math.min(...cases.map(({ together }) => together))),
  };
}

function judged(sizes: readonly Size[]): Targets {
  const all = sizes.flatMap(({ modes }) => Object.values(modes));
  const worst = (values: readonly number[]): number | null => (values.length > 0 ? Math.max(...values) : null);
  const against = (
    limit: number,
    value: number | null,
  ): { limit: number; worst: number | null; met: boolean | null } => ({
    limit,
    worst: value,
    met: value === null ? null : value <= limit,
  });
  const ratios = sizes.filter(({ scale }) => scale >= 1).flatMap(({ modes }) => modes.standalone?.ratioToFloor ?? []);
  return {
    standaloneRatioToFloor: against(MAX_RATIO, worst(ratios)),
    peakRssBytesOfAnyProcess: against(
      MAX_RSS_BYTES,
      worst(all.flatMap(({ peakRssBytes }) => Object.values(peakRssBytes))),
    ),
    unchangedSeconds: against(MAX_UNCHANGED_SECONDS, worst(all.map(({ unchanged }) => unchanged.seconds))),
    unchangedDownloads: against(0, worst(all.map(({ unchanged }) => unchanged.downloads))),
  };
}

function note(notes: string[], text: string): void {
  notes.push(text);
  say(`\n*** ${text}\n`);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exit(1);
  },
);

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { resourceOf } from '@freshet/catalog';
import { checksumOf, type ChunkFetched } from '@freshet/contracts';
import type { DatasetDefinition } from '@freshet/domain';
import { parseChunk } from '@freshet/parser-service';
import { validateBatch } from '@freshet/validator-service';
import { parse } from 'csv-parse/sync';
import type { Delivery, Plan } from '../loading/world';

/** Real rows of the publisher: five respondents, 25 hours each. */
export const SAMPLES = join(__dirname, '..', '..', '..', 'libs', 'testing', 'fixtures', 'eia');
/** Interval starts of the samples, whose stamps name the ends. */
export const WINDOW = { from: '2022-07-09T23:00:00.000Z', to: '2022-07-11T00:00:00.000Z' };
const RECORDS_PER_CHUNK = 100;

type Row = Readonly<Record<string, string>>;

/** Every value of the files as text: dataset, series, start of its hour, value. Written without the code that is tested. */
export function valuesInFiles(): string[] {
  const kinds: Row = { D: 'demand', NG: 'net-generation', TI: 'total-interchange' };
  return readdirSync(SAMPLES)
    .filter((file) => file.endsWith('.csv'))
    .flatMap((file) => parse<Row>(readFileSync(join(SAMPLES, file)), { columns: true }))
    .map(({ period = '', respondent, type, fueltype, fromba, toba, value }) => {
      const start = new Date(Date.parse(`${period}:00:00Z`) - 3_600_000).toISOString();
      if (fueltype) return `eia.fuel-mix ${respondent}.fuel.${fueltype} ${start} ${value}`;
      if (fromba) return `eia.interchange ${fromba}-${toba}.interchange ${start} ${value}`;
      return `eia.${type === 'D' ? 'demand' : 'net-generation'} ${respondent}.${kinds[type ?? '']} ${start} ${value}`;
    })
    .sort();
}

/** The rows that the publisher would answer the dataset's requests with, as it writes them: JSON with values as texts. */
export function recordsOf(definition: DatasetDefinition): string[] {
  const [resource] = definition.resources;
  const types = definition.paging?.parameters.filter(({ name }) => name === 'facets[type][]').map(({ value }) => value);
  return readdirSync(SAMPLES)
    .filter((file) => file.endsWith('.csv') && file.startsWith(`${resource?.member}-`))
    .flatMap((file) => parse<Row>(readFileSync(join(SAMPLES, file)), { columns: true }))
    .filter((row) => !types?.length || types.includes(row['type'] ?? ''))
    .map(({ '': _, ...row }) => JSON.stringify(row));
}

/** The records cut into chunks, parsed and validated as the services do it. */
export function deliver(plan: Plan, records: readonly string[]): Delivery[] {
  const { definition } = plan;
  const resource = resourceOf(definition, definition.resources[0]?.name ?? '');
  const chunks = Math.ceil(records.length / RECORDS_PER_CHUNK);
  return Array.from({ length: chunks }, (_, index) => {
    const own = records.slice(index * RECORDS_PER_CHUNK, (index + 1) * RECORDS_PER_CHUNK);
    const body = Buffer.from(own.map((record) => `${record}\n`).join(''), 'utf8');
    const chunk: ChunkFetched = {
      type: 'chunk.fetched',
      dataset: definition.id,
      runId: plan.runId,
      taskId: plan.taskId,
      attempt: plan.attempt,
      contentVersion: definition.contentVersion,
      resource: resource.name,
      chunk: index,
      records: own.length,
      header: resource.columns.map(({ name }) => name),
      checksum: checksumOf(body),
    };
    const parsed = parseChunk(definition, chunk, body);
    if (parsed.kind === 'failed') throw new Error(parsed.failure.message);
    const validated = validateBatch(definition, parsed.meta, parsed.body);
    return { batch: validated.meta, body: Buffer.concat(validated.body) };
  });
}

/** By respondent, pair or dataset. */
export interface Tally {
  readonly [of: string]: { readonly evaluated: number; readonly failed: number };
}

/** What `count_samples.py` finds in the files, without any code of ours; a test holds the two together. */
export const COUNTED: Readonly<Record<'balance' | 'fuelSum' | 'pairs' | 'negative' | 'nonInteger', Tally>> = {
  balance: {
    CISO: { evaluated: 25, failed: 25 },
    ERCO: { evaluated: 25, failed: 13 },
    MISO: { evaluated: 25, failed: 25 },
    PJM: { evaluated: 25, failed: 25 },
    SWPP: { evaluated: 25, failed: 0 },
  },
  fuelSum: {
    CISO: { evaluated: 25, failed: 14 },
    ERCO: { evaluated: 25, failed: 20 },
    MISO: { evaluated: 25, failed: 11 },
    PJM: { evaluated: 25, failed: 25 },
    SWPP: { evaluated: 25, failed: 8 },
  },
  pairs: {
    'ERCO-SWPP': { evaluated: 25, failed: 25 },
    'MISO-PJM': { evaluated: 25, failed: 25 },
    'MISO-SWPP': { evaluated: 25, failed: 23 },
  },
  negative: {
    'eia.demand': { evaluated: 125, failed: 0 },
    'eia.fuel-mix': { evaluated: 950, failed: 12 },
    'eia.interchange': { evaluated: 1000, failed: 569 },
    'eia.net-generation': { evaluated: 250, failed: 75 },
  },
  nonInteger: {
    'eia.demand': { evaluated: 125, failed: 0 },
    'eia.fuel-mix': { evaluated: 950, failed: 0 },
    'eia.interchange': { evaluated: 1000, failed: 0 },
    'eia.net-generation': { evaluated: 250, failed: 0 },
  },
};

export const total = (tally: Tally): { evaluated: number; failed: number } =>
  Object.values(tally).reduce(
    (sum, { evaluated, failed }) => ({ evaluated: sum.evaluated + evaluated, failed: sum.failed + failed }),
    { evaluated: 0, failed: 0 },
  );

/**
 * Every fault of the simulated EIA ends as its own named failure, or as a success after retry, with what is stored untouched; every
 * anomaly of its data is stored exactly as published, and found by what is meant to find it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunView } from '@freshet/contracts';
import { EIA_ANOMALIES, EIA_FAULTS, observedContent, type EiaAnomalyKind, type EiaFaultKind } from '@freshet/testing';
import { COMPARED, EIA_ANOMALY_CASES, type EiaAnomalyCase } from './eia-anomaly-cases';
import { EIA_FAULT_CASES, MAX_ATTEMPTS, type EiaFaultCase } from './eia-fault-cases';
import {
  EiaWorld,
  KEY,
  LONG_COOL_DOWN_MS,
  RUN_TIMEOUT_MS,
  failureOf,
  formatted,
  type Asked,
  type Found,
} from './eia-world';

const FAULTY: Asked = { from: '2025-10-01T00', to: '2025-10-02T00', only: ['PJM', 'CISO'] };
const table: string[][] = [
  ['what', 'outcome', 'code', 'attempts', 'requests', 's', 'stored', 'message → next step, or what found it'],
];
let world: EiaWorld;
let revisions = 0;

beforeAll(async () => {
  world = await EiaWorld.start();
  // Something is stored before anything goes wrong.
  const runs = await Promise.all(['eia.demand', 'eia.forecast'].map((dataset) => world.refresh(dataset, FAULTY)));
  for (const asked of COMPARED) runs.push(await world.refresh('eia.net-generation', asked));
  expect(runs.map(({ state, failure }) => [state, failure])).toEqual(runs.map(() => ['published', null]));
}, 180_000);

afterAll(async () => {
  process.stdout.write(`\n${formatted(table)}\n`);
  await world?.stop();
}, 60_000);

beforeEach(() => world.publisher.forget());
afterEach(() => {
  for (const { path, style } of world.publisher.requests) expect({ path, style }).toEqual({ path, style: 'header' });
  world.publisher.clearFaults();
  world.publisher.clearAnomalies();
});

function note(what: string, run: RunView, began: number, stored: string, found = ''): void {
  const { failure } = run;
  table.push([
    what,
    run.state,
    failureOf(run)?.code ?? '',
    String(run.attempts.length),
    String(world.publisher.requests.length),
    ((Date.now() - began) / 1000).toFixed(1),
    stored,
    failure ? `${failure.message} → ${failure.nextStep}` : found,
  ]);
}

/** An hour of the window gets another value, so that a run which goes through changes what is stored. */
function revise(type: 'D' | 'DF' = 'D'): void {
  revisions += 1;
  world.publisher.revise({
    route: 'region-data',
    respondent: 'PJM',
    type,
    period: '2025-10-01T12',
    value: String(90_000 + revisions),
  });
}

it('has a case for every fault and every anomaly', () => {
  expect(Object.keys(EIA_FAULT_CASES).sort()).toEqual(Object.keys(EIA_FAULTS).sort());
  expect(Object.keys(EIA_ANOMALY_CASES).sort()).toEqual(Object.keys(EIA_ANOMALIES).sort());
  for (const cases of Object.values({ ...EIA_FAULT_CASES, ...EIA_ANOMALY_CASES })) expect(cases).not.toEqual([]);
});

describe('a fault', () => {
  const cases = (Object.keys(EIA_FAULTS) as EiaFaultKind[]).flatMap((kind) =>
    EIA_FAULT_CASES[kind].map((each) => [`${kind}, ${each.name}`, kind, each] as const),
  );

  it.each(cases)(
    '%s',
    async (
      title,
      kind,
      { fault, ends, attempts, first, requests, says, minimumMs = 0, dataset = 'eia.demand' }: EiaFaultCase,
    ) => {
      revise(dataset === 'eia.forecast' ? 'DF' : 'D');
      const before = await observedContent(world.postgres.url, dataset);
      world.publisher.fault({ kind, ...fault });
      const began = Date.now();
      const run = await world.refresh(dataset, FAULTY);
      const after = await observedContent(world.postgres.url, dataset);
      const failure = failureOf(run);
      note(
        title,
        run,
        began,
        after.hash === before.hash ? 'untouched' : `${after.revisions - before.revisions} revised`,
      );

      expect({ state: run.state, code: failure?.code ?? null }).toEqual(
        ends === 'published' ? { state: 'published', code: null } : { state: 'failed', code: ends },
      );
      if (ends === 'published') {
        expect(await world.stored(dataset, FAULTY)).toEqual(world.truth(dataset, FAULTY));
        expect(after).toMatchObject({ observations: before.observations, revisions: before.revisions + 1 });
      } else {
        expect(after).toEqual(before);
        expect(failure?.message).toMatch(/.{20}/);
        expect(failure?.nextStep).toMatch(/.{20}/);
        if (says) expect(`${failure?.message} → ${failure?.nextStep}`).toMatch(says);
        if (attempts < MAX_ATTEMPTS) expect(run.failure).toEqual(failure);
        else {
          expect(run.failure?.code).toBe('attempts_exhausted');
          expect(run.failure?.message).toContain(failure?.message);
          // No attempt is left, so none is promised.
          expect(run.failure?.nextStep).not.toMatch(/by itself|next attempt/);
        }
      }
      if (first) expect(run.attempts[0]?.failure?.code).toBe(first);
      expect(run.attempts.length).toBe(attempts);
      const { from, to } = typeof requests === 'number' ? { from: requests, to: requests } : requests;
      expect(world.publisher.requests.length).toBeGreaterThanOrEqual(from);
      expect(world.publisher.requests.length).toBeLessThanOrEqual(to);
      const times = world.publisher.requests.map(({ at }) => at.getTime());
      expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(minimumMs);
    },
    RUN_TIMEOUT_MS + 10_000,
  );

  it('that is gone leaves no trace', async () => {
    revise();
    const run = await world.refresh('eia.demand', FAULTY);
    expect({ state: run.state, attempts: run.attempts.length }).toEqual({ state: 'published', attempts: 1 });
    expect(await world.stored('eia.demand', FAULTY)).toEqual(world.truth('eia.demand', FAULTY));
    expect(await world.freshet.client.deadLetters()).toEqual([]);
  });
});

describe('an anomaly', () => {
  const cases = (Object.keys(EIA_ANOMALIES) as EiaAnomalyKind[]).flatMap((kind) =>
    EIA_ANOMALY_CASES[kind].map((each) => [`${kind}${each.name && `, ${each.name}`}`, kind, each] as const),
  );

  it.each(cases)(
    '%s',
    async (title, kind, { dataset, asked, anomalies, finds, suspect = [], missing = [], ...rest }: EiaAnomalyCase) => {
      const { duplicates = 0, gaps = [], stays = false } = rest;
      for (const anomaly of anomalies) world.publisher.anomaly({ kind, ...anomaly });
      const truth = world.truth(dataset, asked);
      const began = Date.now();
      const run = await world.refresh(dataset, asked);
      const stored = await world.stored(dataset, asked);
      const found = await world.found(run, asked);
      const counts = [`${stored.size} hours`, `${suspect.length} suspect`, `${missing.length} missing`];
      note(title, run, began, counts.filter((text) => !text.startsWith('0 ')).join(', '), described(found));

      expect({ state: run.state, failure: run.failure }).toEqual({ state: 'published', failure: null });
      expect(stored).toEqual(truth);
      expect(found).toEqual({ finds, duplicates, gaps });
      expect(await world.withQuality('suspect', dataset, asked)).toEqual(suspect);
      expect(await world.withQuality('missing', dataset, asked)).toEqual(missing);

      // The publisher corrects it: what was found is gone, and what it had said is kept as a revision.
      world.publisher.clearAnomalies();
      const corrected = world.truth(dataset, asked);
      const others = [...corrected]
        .filter(([hour, { value }]) => truth.get(hour)?.value !== value)
        .map(([hour]) => hour);
      const { revisions: before } = await observedContent(world.postgres.url, dataset);
      const again = await world.refresh(dataset, asked);
      const { revisions } = await observedContent(world.postgres.url, dataset);
      expect(again.state).toBe(others.length > 0 ? 'published' : 'unchanged');
      expect(revisions - before).toBe(others.filter((hour) => truth.has(hour)).length);
      const left = stays ? { finds, gaps } : { finds: {}, gaps: [] };
      expect(await world.found(again, asked)).toEqual({ ...left, duplicates: 0 });
      const hours = new Set([...truth.keys(), ...corrected.keys()]);
      expect((await world.withQuality('good', dataset, asked)).sort()).toEqual([...hours].sort());
    },
    2 * RUN_TIMEOUT_MS,
  );
});

it('tells in the log of a code that nobody knows', async () => {
  const log = readFileSync(join(world.freshet.supervisor.logFolder, 'standalone.log'), 'utf8');
  const lines = log.split('\n').filter((line) => line.includes('series appeared for the first time'));
  expect(lines.filter((line) => line.includes('CISO.fuel.XYZ'))).toHaveLength(1);
});

/** `balance 24, 2 duplicates, PJM.demand absent 1` */
const described = ({ finds, duplicates, gaps }: Found): string =>
  [
    ...Object.entries(finds).map(([name, failed]) => `${name} ${failed}`),
    ...(duplicates > 0 ? [`duplicates ${duplicates}`] : []),
    ...gaps,
  ].join(', ');

describe('a key', () => {
  const refused = async (dataset: string, title: string): Promise<RunView> => {
    const before = await observedContent(world.postgres.url, dataset);
    const began = Date.now();
    const run = await world.refresh(dataset, FAULTY);
    note(title, run, began, 'untouched');
    expect(run).toMatchObject({ state: 'failed', failure: { code: 'api_key_refused' }, attempts: [{ attempt: 1 }] });
    expect(await observedContent(world.postgres.url, dataset)).toEqual(before);
    return run;
  };

  it('that is not there is missed before anything is asked', async () => {
    const { failure } = await refused('eia.sub-ba-demand', 'key missing');
    expect(failure?.message).toContain('KEY_OF_NOBODY is not set');
    expect(failure?.nextStep).toContain('https://www.eia.gov/opendata/register.php');
    expect(world.publisher.requests).toEqual([]);
  });

  it('that the publisher does not know is shown once, and not told to anybody', async () => {
    world.keys.splice(0, 1, 'another');
    try {
      const { failure } = await refused('eia.demand', 'key withdrawn');
      expect(failure?.nextStep).toContain('Set EIA_API_KEY');
      expect(JSON.stringify(failure)).not.toContain(KEY);
      expect(world.publisher.requests.map(({ status }) => status)).toEqual([403]);
    } finally {
      world.keys.splice(0, 1, KEY);
    }
  });
});

it('leaves the publisher alone after a suspension, in every run', async () => {
  revise();
  const day = { from: '2025-06-30T00', to: '2025-07-01T00', only: ['PJM'] };
  world.publisher.fault({ kind: 'suspended', times: 1 });
  const began = Date.now();
  const suspended = await world.begin('eia.net-generation', day);
  await world.until(() => world.publisher.requests.some(({ fault, ended }) => fault === 'suspended' && ended));
  const other = await world.refresh('eia.demand', FAULTY);
  note('suspended, another run meanwhile', other, began, '1 revised');
  expect({ state: other.state, attempts: other.attempts.length }).toEqual({ state: 'published', attempts: 1 });
  const run = await world.ended(suspended);
  expect(run.attempts.map(({ failure }) => failure?.code ?? null)).toEqual(['rate_limited', null]);
  const [first, ...later] = world.publisher.requests.map(({ at }) => at.getTime());
  expect(Math.min(...later) - (first ?? Infinity)).toBeGreaterThanOrEqual(LONG_COOL_DOWN_MS);
});

describe.each([
  ['query', 'eia.fuel-mix'],
  ['header', 'eia.interchange'],
])('parameters in the %s', (_, dataset) => {
  it.each([
    ['old', 'new', '2025-08-01'],
    ['new', 'old', '2025-08-03'],
  ] as const)('the %s dialect says the same as the %s one', async (first, second, day) => {
    const asked: Asked = { from: `${day}T00`, to: `${day}T12`, only: ['PJM', 'MISO'] };
    const code = dataset === 'eia.fuel-mix' ? { fueltype: 'NG' } : { toba: 'MISO' };
    const odd = {
      ...code,
      respondent: 'PJM',
      route: dataset === 'eia.fuel-mix' ? 'fuel-type-data' : 'interchange-data',
    } as const;
    (['fraction', 'negative-fraction', 'four-decimals', 'null-value', 'blank-value'] as const).forEach((kind, hour) =>
      world.publisher.anomaly({ kind, ...odd, from: `${day}T0${hour + 2}` }),
    );
    const values = (hours: ReadonlyMap<string, { value: string | null }>) =>
      [...hours].map(([hour, { value }]) => [hour, value]).sort();
    world.publisher.dialect = first;
    try {
      expect((await world.refresh(dataset, asked)).state).toBe('published');
      const before = await observedContent(world.postgres.url, dataset);
      expect(values(await world.stored(dataset, asked))).toEqual(values(world.truth(dataset, asked)));
      world.publisher.dialect = second;
      expect((await world.refresh(dataset, asked)).state).toBe('unchanged');
      expect(await observedContent(world.postgres.url, dataset)).toEqual(before);
      expect(world.publisher.requests).toHaveLength(2);
    } finally {
      world.publisher.dialect = 'new';
    }
  });
});

import type { SeriesCheckKind } from '@freshet/domain';
import type { SeriesOf, Value } from './hourly';

export interface Stored {
  readonly series: SeriesOf;
  readonly start: string;
  readonly values: ReadonlyArray<Value | undefined>;
}

/** One kind with the smallest series it fails for, and the same series put right. */
export interface CheckCase {
  readonly kind: SeriesCheckKind;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly dataset: string;
  readonly from: string;
  readonly to: string;
  readonly wrong: readonly Stored[];
  readonly right: readonly Stored[];
  readonly evaluated: number;
  readonly failed: number;
  /** Hours that are flagged where the check is of severity `suspect`. */
  readonly suspects: readonly string[];
}

const region = (respondent: string, kind: string, dataset = 'eia.demand'): SeriesOf => ({
  dataset,
  name: `${respondent}.${kind}`,
  respondent,
  kind,
  codes: { respondent, type: kind },
});
export const demand = (respondent = 'PJM'): SeriesOf => region(respondent, 'demand');
export const generation = (respondent = 'PJM'): SeriesOf => region(respondent, 'net-generation', 'eia.net-generation');
export const interchange = (respondent = 'PJM'): SeriesOf =>
  region(respondent, 'total-interchange', 'eia.net-generation');
export const fuel = (code: string, respondent = 'PJM'): SeriesOf => ({
  dataset: 'eia.fuel-mix',
  name: `${respondent}.fuel.${code}`,
  respondent,
  kind: 'fuel',
  codes: { respondent, fueltype: code },
});
export const flow = (fromba: string, toba: string): SeriesOf => ({
  dataset: 'eia.interchange',
  name: `${fromba}-${toba}.interchange`,
  respondent: fromba,
  kind: 'interchange',
  codes: { fromba, toba },
});

/** A daily curve that never repeats exactly: 24 hours that rise and fall, a little more each hour. */
export const curve = (hours: number, base = 1000): string[] =>
  Array.from({ length: hours }, (_, n) => String(base + Math.round(200 * Math.sin(((n % 24) / 24) * 2 * Math.PI)) + n));
export const replace = (
  values: readonly string[],
  at: number,
  ...by: Array<Value | undefined>
): Array<Value | undefined> => [...values.slice(0, at), ...by, ...values.slice(at + by.length)];
export const hoursOf = (name: string, day: string, hours: readonly number[]): string[] =>
  hours.map((hour) => `${name} ${day}T${String(hour).padStart(2, '0')}`);
const through = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, n) => from + n);

const DAY = { dataset: 'eia.demand', from: '2026-03-02T00:00:00Z', to: '2026-03-03T00:00:00Z' };
const start = DAY.from;
const days = (values: ReadonlyArray<Value | undefined>): Stored[] => [{ series: demand(), start, values }];

export const CASES: readonly CheckCase[] = [
  {
    kind: 'negative',
    parameters: {},
    ...DAY,
    wrong: days(['5', '0', '-1', '-.21', null, '7']),
    right: days(['5', '0', '1', '.21', null, '7']),
    evaluated: 5,
    failed: 2,
    suspects: hoursOf('PJM.demand', '2026-03-02', [2, 3]),
  },
  {
    kind: 'non-integer',
    parameters: {},
    ...DAY,
    wrong: days(['5', '0.0', '.3', '1263.6001', '-2.5', null]),
    right: days(['5', '0.0', '3', '1263', '-2', null]),
    evaluated: 5,
    failed: 3,
    suspects: hoursOf('PJM.demand', '2026-03-02', [2, 3, 4]),
  },
  {
    kind: 'range',
    parameters: { min: 2, max: 100 },
    ...DAY,
    wrong: days(['2', '100', '1', '0', '100.0001', null]),
    right: days(['2', '100', '3', '50', '99.9999', null]),
    evaluated: 5,
    failed: 3,
    suspects: hoursOf('PJM.demand', '2026-03-02', [2, 3, 4]),
  },
  {
    kind: 'balance',
    parameters: { tolerance: 0 },
    ...DAY,
    wrong: [
      { series: demand(), start, values: ['10', '10', '10', null, '10', '0'] },
      { series: generation(), start, values: ['12', '12.1', '12', '12', null, '0'] },
      { series: interchange(), start, values: ['2', '2', '-2', '2', '2', '0'] },
    ],
    right: [
      { series: demand(), start, values: ['10', '10.1', '14', null, '10', '0'] },
      { series: generation(), start, values: ['12', '12.1', '12', '12', null, '0'] },
      { series: interchange(), start, values: ['2', '2', '-2', '2', '2', '0'] },
    ],
    evaluated: 4,
    failed: 2,
    suspects: hoursOf('PJM.demand', '2026-03-02', [1, 2]),
  },
  {
    kind: 'fuel-sum',
    parameters: { tolerance: 0.5 },
    ...DAY,
    dataset: 'eia.fuel-mix',
    wrong: [
      { series: fuel('COL'), start, values: ['5', '5', '5', null, '5'] },
      { series: fuel('NG'), start, values: ['4', '4', '-4', null, '4'] },
      { series: generation(), start, values: ['9.5', '9.6', '1', '9', null] },
    ],
    right: [
      { series: fuel('COL'), start, values: ['5', '5', '5', null, '5'] },
      { series: fuel('NG'), start, values: ['4', '4.2', '-4', null, '4'] },
      { series: generation(), start, values: ['9.5', '9.6', '1', '9', null] },
    ],
    evaluated: 3,
    failed: 1,
    suspects: [...hoursOf('PJM.fuel.COL', '2026-03-02', [1]), ...hoursOf('PJM.fuel.NG', '2026-03-02', [1])],
  },
  {
    kind: 'pair-symmetry',
    parameters: { tolerance: 0 },
    ...DAY,
    dataset: 'eia.interchange',
    wrong: [
      { series: flow('MISO', 'PJM'), start, values: ['5', '5', '0', null, '1'] },
      { series: flow('PJM', 'MISO'), start, values: ['-5', '5', '0', '1'] },
      { series: flow('PJM', 'NYIS'), start, values: ['9', '9', '9'] },
    ],
    right: [
      { series: flow('MISO', 'PJM'), start, values: ['5', '-5', '0', null, '1'] },
      { series: flow('PJM', 'MISO'), start, values: ['-5', '5', '0', '1'] },
      { series: flow('PJM', 'NYIS'), start, values: ['9', '9', '9'] },
    ],
    evaluated: 3,
    failed: 1,
    suspects: [
      ...hoursOf('MISO-PJM.interchange', '2026-03-02', [1]),
      ...hoursOf('PJM-MISO.interchange', '2026-03-02', [1]),
    ],
  },
  {
    kind: 'identical-run',
    parameters: { hours: 4, ignoreZero: true },
    ...DAY,
    wrong: days([
      '1',
      '7',
      '7.0',
      '7',
      '7',
      '2',
      '3',
      '3',
      '3',
      '0',
      '0',
      '0',
      '0',
      '0',
      '4',
      '4',
      undefined,
      '4',
      '4',
    ]),
    right: days([
      '1',
      '7',
      '7.0',
      '7',
      '8',
      '2',
      '3',
      '3',
      '3',
      '0',
      '0',
      '0',
      '0',
      '0',
      '4',
      '4',
      undefined,
      '4',
      '4',
    ]),
    evaluated: 13,
    failed: 4,
    suspects: hoursOf('PJM.demand', '2026-03-02', [1, 2, 3, 4]),
  },
  {
    kind: 'spike',
    parameters: { factor: 12, windowHours: 25 },
    ...DAY,
    wrong: days(replace(curve(24), 10, '40000')),
    right: days(curve(24)),
    evaluated: 24,
    failed: 1,
    suspects: hoursOf('PJM.demand', '2026-03-02', [10]),
  },
  {
    kind: 'repeated-day',
    parameters: {},
    ...DAY,
    from: '2026-03-03T00:00:00Z',
    to: '2026-03-04T00:00:00Z',
    wrong: days([...curve(24), ...curve(24)]),
    right: days([...curve(24), ...replace(curve(24), 7, '1')]),
    evaluated: 24,
    failed: 24,
    suspects: hoursOf('PJM.demand', '2026-03-03', through(0, 23)),
  },
  {
    kind: 'dst-seam',
    parameters: {},
    ...DAY,
    from: '2026-03-08T00:00:00Z',
    to: '2026-03-09T00:00:00Z',
    wrong: [{ series: demand(), start: '2026-03-08T00:00:00Z', values: replace(curve(24), 6, '500', '500') }],
    right: [{ series: demand(), start: '2026-03-08T00:00:00Z', values: replace(curve(24), 6, '500', '501') }],
    evaluated: 1,
    failed: 1,
    suspects: hoursOf('PJM.demand', '2026-03-08', [6, 7]),
  },
  {
    kind: 'count',
    parameters: { expectedPerDay: 24 },
    ...DAY,
    wrong: days(replace(curve(24), 3, null)),
    right: days(curve(24)),
    evaluated: 1,
    failed: 1,
    suspects: [],
  },
];

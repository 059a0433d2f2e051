import type { EiaAnomaly, EiaAnomalyKind } from '@freshet/testing';
import type { Asked } from './eia-world';

export interface EiaAnomalyCase {
  readonly name: string;
  readonly dataset: 'eia.demand' | 'eia.fuel-mix' | 'eia.interchange';
  readonly asked: Asked;
  /** Stamps are ends of hours, asked for are starts. */
  readonly anomalies: ReadonlyArray<Omit<EiaAnomaly, 'kind'>>;
  /** Every check of the dataset that finds something, and how often; all others find nothing. */
  readonly finds: Readonly<Record<string, number>>;
  /** Rows too many. */
  readonly duplicates?: number;
  /** Hours that a check makes suspect, as `series start`. */
  readonly suspect?: readonly string[];
  readonly missing?: readonly string[];
  /** What `freshet gaps` lists, as `series kind hours`. */
  readonly gaps?: readonly string[];
  /** Rows that the publisher takes back stay stored, and the checks go on finding them. */
  readonly stays?: boolean;
}

const DAY_MS = 86_400_000;
const FIRST = Date.UTC(2025, 2, 12);
/** One window for each case, three days long, with two days between it and the next: no check reaches from one to another. */
let windows = 0;
function days(...only: string[]): Asked {
  const from = FIRST + 5 * windows * DAY_MS;
  windows += 1;
  const text = (ms: number): string => new Date(ms).toISOString().slice(0, 13);
  return { from: text(from), to: text(from + 3 * DAY_MS), only };
}
/** The stamp so many hours after the window's begin. */
const at = ({ from }: Asked, hours: number): string =>
  new Date(Date.parse(`${from}:00:00Z`) + hours * 3_600_000).toISOString().slice(0, 13);

const PJM_DEMAND = { route: 'region-data', respondent: 'PJM', type: 'D' } as const;

type Given = Omit<EiaAnomalyCase, 'name' | 'dataset' | 'asked' | 'anomalies' | 'suspect' | 'missing'> & {
  readonly name?: string;
  /** First and last hour of what is odd, counted from the begin of the window: 30 is the seventh hour of the second day. */
  readonly hours: readonly [number, number];
  readonly more?: Partial<Omit<EiaAnomaly, 'kind'>>;
  /** Whether these hours are made suspect, or have no value. */
  readonly become?: 'suspect' | 'missing';
};

function demand({ hours: [first, last], more = {}, become, name = '', ...finds }: Given): EiaAnomalyCase {
  const asked = days('PJM');
  const hours = Array.from({ length: last - first + 1 }, (_, i) => `PJM.demand ${at(asked, first + i)}`);
  return {
    name,
    dataset: 'eia.demand',
    asked,
    anomalies: [{ ...PJM_DEMAND, from: at(asked, first + 1), to: at(asked, last + 1), ...more }],
    ...(become ? { [become]: hours } : {}),
    ...finds,
  };
}

function fuels(respondent: string, { hours: [first, last], more = {}, name = '', ...finds }: Given): EiaAnomalyCase {
  const asked = days(respondent);
  const anomaly = { route: 'fuel-type-data', respondent, ...more } as const;
  const anomalies = [{ ...anomaly, from: at(asked, first + 1), to: at(asked, last + 1) }];
  return { name, dataset: 'eia.fuel-mix', asked, anomalies, ...finds };
}

/** The anomaly is of what flows back: from MISO to PJM. */
function pair({ hours: [first, last], more = {}, name = '', ...finds }: Given): EiaAnomalyCase {
  const asked = days('PJM', 'MISO');
  const anomaly = { route: 'interchange-data', respondent: 'PJM', toba: 'MISO', ...more } as const;
  const anomalies = [{ ...anomaly, from: at(asked, first + 1), to: at(asked, last + 1) }];
  return { name, dataset: 'eia.interchange', asked, anomalies, ...finds };
}

/** Clocks change within it; stamps of the publisher are in UTC all the same. */
const seam = (name: string, from: string, to: string, finds: Partial<EiaAnomalyCase>): EiaAnomalyCase => ({
  name,
  dataset: 'eia.demand',
  asked: { from, to, only: ['PJM'] },
  anomalies: [{ ...PJM_DEMAND, from: '2025-01-01T00', to: '2025-12-31T23' }],
  finds: {},
  ...finds,
});

/** Every anomaly of the simulated EIA, and what finds it. Demand is compared with net generation and interchange, which are right. */
export const EIA_ANOMALY_CASES: Readonly<Record<EiaAnomalyKind, readonly EiaAnomalyCase[]>> = {
  // Equal rows are one: there is nothing wrong with what is stored, but it was noticed.
  'duplicate-rows': [demand({ hours: [29, 30], finds: {}, duplicates: 2 })],
  'repeated-day': [demand({ hours: [24, 47], finds: { 'repeated-day': 24, balance: 24 } })],
  spike: [demand({ hours: [30, 30], finds: { spike: 1, plausible: 1, balance: 1 }, become: 'suspect' })],
  implausible: [
    demand({ name: '0', hours: [30, 30], finds: { plausible: 1, balance: 1, spike: 1 }, become: 'suspect' }),
    demand({
      name: '1',
      hours: [30, 30],
      more: { value: '1' },
      finds: { plausible: 1, balance: 1, spike: 1 },
      become: 'suspect',
    }),
  ],
  'unknown-fuel': [
    // Kept as a series of its own; it is not added to what the respondent says is all.
    fuels('CISO', {
      hours: [30, 32],
      finds: { 'fuel-sum': 3, count: 3 },
      gaps: ['CISO.fuel.XYZ absent 30', 'CISO.fuel.XYZ absent 39'],
      stays: true,
    }),
  ],
  'null-value': [demand({ hours: [30, 30], finds: { count: 1 }, become: 'missing', gaps: ['PJM.demand missing 1'] })],
  'blank-value': [demand({ hours: [30, 31], finds: { count: 1 }, become: 'missing', gaps: ['PJM.demand missing 2'] })],
  fraction: [
    demand({ hours: [30, 30], finds: { 'non-integer': 1, plausible: 1, balance: 1, spike: 1 }, become: 'suspect' }),
  ],
  'negative-fraction': [
    demand({
      hours: [30, 30],
      finds: { 'non-integer': 1, negative: 1, plausible: 1, balance: 1, spike: 1 },
      become: 'suspect',
    }),
  ],
  'four-decimals': [demand({ hours: [30, 30], finds: { 'non-integer': 1, balance: 1, spike: 1 }, become: 'suspect' })],
  negative: [
    demand({ hours: [30, 30], finds: { negative: 1, plausible: 1, balance: 1, spike: 1 }, become: 'suspect' }),
  ],
  'identical-run': [
    // The first of them is right.
    demand({ hours: [30, 35], finds: { 'identical-run': 6, balance: 5 }, become: 'suspect' }),
  ],
  'wrong-hour': [demand({ hours: [30, 33], finds: { balance: 4 } })],
  'missing-reverse': [pair({ hours: [30, 31], finds: { count: 1 }, gaps: ['MISO-PJM.interchange absent 2'] })],
  'asymmetric-pair': [pair({ hours: [30, 31], finds: { 'pair-symmetry': 2 } })],
  'off-balance': [demand({ hours: [30, 30], finds: { balance: 1 } })],
  'partial-fuels': [
    fuels('PJM', {
      hours: [30, 31],
      finds: { 'fuel-sum': 2, count: 1 },
      gaps: ['NG', 'NUC', 'OIL', 'OTH', 'SUN', 'WAT', 'WND'].map((fuel) => `PJM.fuel.${fuel} absent 2`),
    }),
  ],
  'dst-seam': [
    seam('in spring', '2025-03-08T00', '2025-03-11T00', {
      finds: { 'dst-seam': 1, count: 1 },
      gaps: ['PJM.demand absent 1'],
    }),
    // The second of the two rows is kept; it says what the next hour says.
    seam('in autumn', '2025-11-01T00', '2025-11-04T00', { finds: { balance: 1 }, duplicates: 1 }),
  ],
  // A name is no key: the series is the same, and the row is kept as it came.
  'type-name-case': [fuels('PJM', { hours: [30, 31], finds: {} })],
};

/** Of which net generation and interchange have to be there, for demand and fuels to be compared with. */
export const COMPARED: readonly Asked[] = [
  { from: '2025-03-08T00', to: '2025-06-15T00', only: ['PJM'] },
  ...EIA_ANOMALY_CASES['unknown-fuel'].map(({ asked }) => asked),
  { from: '2025-11-01T00', to: '2025-11-04T00', only: ['PJM'] },
];

import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import type { CheckOutcome, HealthSummary } from '@freshet/database';
import { countChecks, gaugeHealth } from './metrics';

const outcome = (over: Partial<CheckOutcome>): CheckOutcome => ({
  name: 'balance',
  kind: 'balance',
  severity: 'note',
  evaluated: 10,
  failed: 3,
  examples: [],
  held: false,
  ...over,
});
const health = (over: Partial<HealthSummary>): HealthSummary => ({
  dataset: 'eia.demand',
  from: '2026-03-01T00:00:00.000Z',
  to: '2026-03-02T00:00:00.000Z',
  series: 1,
  expected: 24,
  observed: 18,
  suspect: 2,
  completeness: 0.75,
  newestEndsAt: '2026-03-02T00:00:00.000Z',
  checks: [],
  ...over,
});

describe('metrics of data quality', () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader] });
  beforeAll(() => metrics.setGlobalMeterProvider(provider));
  afterAll(async () => {
    metrics.disable();
    await provider.shutdown();
  });

  async function read(): Promise<Record<string, unknown>> {
    exporter.reset();
    await provider.forceFlush();
    const all = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
    return Object.fromEntries(
      all.flatMap(({ descriptor, dataPoints }) =>
        dataPoints.map(({ attributes, value }) => [[descriptor.name, ...Object.values(attributes)].join(' '), value]),
      ),
    );
  }

  it('add up what checks compared and what failed, and give the health as it is', async () => {
    countChecks('eia.demand', [outcome({}), outcome({ name: 'spike', severity: 'suspect', evaluated: 5, failed: 0 })]);
    countChecks('eia.demand', [outcome({})]);
    gaugeHealth(health({ completeness: 0.5 }));
    gaugeHealth(health({}));
    gaugeHealth(health({ dataset: 'eia.forecast', suspect: 0, completeness: null, newestEndsAt: null }));
    expect(await read()).toEqual({
      'freshet_loader_check_evaluated eia.demand balance note': 20,
      'freshet_loader_check_evaluated eia.demand spike suspect': 5,
      'freshet_loader_check_failed eia.demand balance note': 6,
      'freshet_loader_check_failed eia.demand spike suspect': 0,
      'freshet_loader_completeness eia.demand': 0.75,
      'freshet_loader_suspect_observations eia.demand': 2,
      'freshet_loader_suspect_observations eia.forecast': 0,
      'freshet_loader_newest_observation_timestamp_seconds eia.demand': 1772409600,
    });
  });
});

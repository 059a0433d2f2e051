import Ajv from 'ajv/dist/2020';
import { loadCatalog } from '@freshet/catalog';
import type { LineageFacts } from '@freshet/database';
import { runEvent } from './event';

/** The shape that `spec/OpenLineage.json` 2-0-2 and the facets used here ask for, as far as it binds a producer of run events. */
const uri = { type: 'string', pattern: '^[a-z][a-z0-9+.-]*:\\S+$' };
const instant = {
  type: 'string',
  pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)$',
};
const text = { type: 'string', minLength: 1 };
const count = { type: 'integer', minimum: 0 };
const object = (required: Record<string, object>, optional: Record<string, object> = {}): object => ({
  type: 'object',
  required: Object.keys(required),
  properties: { ...required, ...optional },
});
const facets = (known: Record<string, object>): object => ({
  type: 'object',
  additionalProperties: object({ _producer: uri, _schemaURL: uri }),
  properties: Object.fromEntries(
    Object.entries(known).map(([name, facet]) => [
      name,
      { allOf: [object({ _producer: uri, _schemaURL: uri }), facet] },
    ]),
  ),
});
const datasetFacets = facets({
  schema: object({ fields: { type: 'array', items: object({ name: text }, { type: text, description: text }) } }),
  version: object({ datasetVersion: text }),
  dataSource: object({ name: text, uri }),
  dataQualityMetrics: object({ columnMetrics: { type: 'object' } }, { rowCount: count, bytes: count }),
  dataQualityAssertions: object({
    assertions: { type: 'array', items: object({ assertion: text, success: { type: 'boolean' } }, { column: text }) },
  }),
});
const dataset = (more: Record<string, object>): object =>
  object({ namespace: text, name: text }, { facets: datasetFacets, ...more });
const runEventShape = object(
  {
    eventTime: instant,
    producer: uri,
    schemaURL: uri,
    run: object(
      { runId: { type: 'string', pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' } },
      {
        facets: facets({
          nominalTime: object({ nominalStartTime: instant }, { nominalEndTime: instant }),
          errorMessage: object({ message: text, programmingLanguage: text }),
        }),
      },
    ),
    job: object(
      { namespace: text, name: text },
      { facets: facets({ jobType: object({ processingType: text, integration: text }, { jobType: text }) }) },
    ),
  },
  {
    eventType: { enum: ['START', 'RUNNING', 'COMPLETE', 'ABORT', 'FAIL', 'OTHER'] },
    inputs: { type: 'array', items: dataset({ inputFacets: facets({}) }) },
    outputs: {
      type: 'array',
      items: dataset({
        outputFacets: facets({ outputStatistics: object({ rowCount: count }, { size: count, fileCount: count }) }),
      }),
    },
  },
);
const validate = new Ajv({ strict: false, allErrors: true }).compile(runEventShape);
const mistakes = (event: unknown): unknown => (validate(event) ? [] : validate.errors);

const DEMAND = loadCatalog().get('eia.demand');
const WELL = loadCatalog().get('bsee.well');
const facts = (over: Partial<LineageFacts['run']> = {}, rest: Partial<LineageFacts> = {}): LineageFacts => ({
  run: {
    id: '7d1f0a1e-0000-4000-8000-000000000001',
    dataset: 'eia.demand',
    state: 'published',
    trigger: 'schedule',
    force: false,
    requestedAt: '2026-11-20T05:15:00.000Z',
    startedAt: '2026-11-20T05:15:01.000Z',
    endedAt: '2026-11-20T05:15:09.000Z',
    generation: null,
    attempt: 1,
    taskState: 'done',
    access: {
      kind: 'api',
      url: 'https://api.eia.gov/v2/electricity/rto/region-data/data?frequency=hourly',
      skipped: [],
    },
    progress: { bytesReceived: 0, bytesExpected: 0, chunksCut: 1, chunksLoaded: 1, rowsLoaded: 360, rowsRefused: 0 },
    resources: [{ resource: 'demand', rows: 360, refused: 0, bytes: 65_000, sha256: null, outcome: 'staged' }],
    attempts: [],
    files: [],
    peakMemory: [],
    failure: null,
    window: { from: '2026-11-17T06:00:00.000Z', to: '2026-11-20T06:00:00.000Z' },
    ...over,
  },
  merged: { added: 5, changed: 2 },
  checks: [
    { name: 'negative', failed: 0 },
    { name: 'balance', failed: 17 },
  ],
  ...rest,
});

describe('OpenLineage events of a run', () => {
  it('say that it began: the window, the publisher, and what it will write', () => {
    const event = runEvent(DEMAND, facts(), 'start', 'freshet');
    expect(mistakes(event)).toEqual([]);
    expect(event).toMatchObject({
      eventType: 'START',
      eventTime: '2026-11-20T05:15:01.000Z',
      run: {
        runId: '7d1f0a1e-0000-4000-8000-000000000001',
        facets: {
          nominalTime: { nominalStartTime: '2026-11-17T06:00:00.000Z', nominalEndTime: '2026-11-20T06:00:00.000Z' },
        },
      },
      job: { namespace: 'freshet', name: 'eia.demand' },
      inputs: [{ namespace: 'https://api.eia.gov', name: '/v2/electricity/rto/region-data/data' }],
      outputs: [{ namespace: 'freshet', name: 'eia.demand', outputFacets: {} }],
    });
    expect(event.outputs[0]?.facets['schema']).toMatchObject({
      fields: expect.arrayContaining([
        { name: 'period', type: 'datetime' },
        { name: 'value', type: 'decimal' },
        { name: 'value_units', type: 'text' },
      ]),
    });
    expect(Object.keys(event.outputs[0]?.facets ?? {})).toEqual(['schema']);
    expect(JSON.stringify(event)).not.toContain('frequency=hourly');
  });

  it('say how it ended: version, rows, and what checks found', () => {
    const event = runEvent(DEMAND, facts(), 'end', 'freshet');
    expect(mistakes(event)).toEqual([]);
    expect(event).toMatchObject({ eventType: 'COMPLETE', eventTime: '2026-11-20T05:15:09.000Z' });
    expect(event.outputs[0]).toMatchObject({
      facets: {
        version: { datasetVersion: '7d1f0a1e-0000-4000-8000-000000000001' },
        dataQualityMetrics: { rowCount: 360, bytes: 65_000 },
        dataQualityAssertions: {
          assertions: [
            { assertion: 'negative', success: true },
            { assertion: 'balance', success: false },
          ],
        },
      },
      outputFacets: { outputStatistics: { rowCount: 7 } },
    });
  });

  it('name every resource of a snapshot, with its generation', () => {
    const [first, second] = WELL.resources;
    const resource = (name: string, outcome: 'published' | 'unchanged') =>
      ({ resource: name, rows: 100, refused: 1, bytes: 5_000, sha256: 'ab', outcome }) as const;
    const run = facts(
      {
        dataset: 'bsee.well',
        generation: 7,
        window: undefined,
        resources: [resource(first?.name ?? '', 'published'), resource(second?.name ?? '', 'unchanged')],
      },
      { merged: null, checks: [] },
    );
    const event = runEvent(WELL, run, 'end', 'prod');
    expect(mistakes(event)).toEqual([]);
    expect(event.run.facets).not.toHaveProperty('nominalTime');
    expect(event.outputs.map(({ name }) => name)).toEqual(WELL.resources.map(({ name }) => `bsee.${name}`));
    expect(event.outputs[0]).toMatchObject({
      namespace: 'prod',
      facets: { version: { datasetVersion: '7' } },
      outputFacets: { outputStatistics: { rowCount: 100 } },
    });
    expect(event.outputs[1]).toMatchObject({ outputFacets: { outputStatistics: { rowCount: 0 } } });
  });

  it('say why it failed, or that somebody stopped it', () => {
    const failure = {
      code: 'api_error',
      kind: 'terminal',
      message: 'the API says no.',
      nextStep: 'Look at it.',
      attributes: {},
    } as const;
    const failed = runEvent(DEMAND, facts({ state: 'failed', failure }), 'end', 'freshet');
    expect(mistakes(failed)).toEqual([]);
    expect(failed.eventType).toBe('FAIL');
    expect(failed.run.facets['errorMessage']).toMatchObject({
      message: 'api_error: the API says no. Next step: Look at it.',
    });
    expect(failed.outputs[0]?.outputFacets).toEqual({});
    expect(runEvent(DEMAND, facts({ state: 'cancelled' }), 'end', 'freshet').eventType).toBe('ABORT');
    expect(runEvent(DEMAND, facts({ state: 'unchanged' }), 'end', 'freshet').eventType).toBe('COMPLETE');
  });

  it('name the declared address before anything was asked', () => {
    const { inputs } = runEvent(DEMAND, facts({ access: null }), 'start', 'freshet');
    expect(inputs).toMatchObject([{ name: '/v2/electricity/rto/region-data/data' }]);
  });

  it('would not pass with a facet that does not say who it is from', () => {
    const event = runEvent(DEMAND, facts(), 'end', 'freshet');
    expect(mistakes({ ...event, run: { ...event.run, facets: { nominalTime: {} } } })).not.toEqual([]);
    expect(mistakes({ ...event, eventType: 'DONE' })).not.toEqual([]);
  });
});

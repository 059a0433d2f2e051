import type { LineageFacts, LineageMoment } from '@freshet/database';
import { storedName, type DatasetDefinition, type ResourceDefinition } from '@freshet/domain';

/**
 * Run events of OpenLineage 2.0.2 (`spec/OpenLineage.json`). A run is a run, a dataset of ours is a job that reads the publisher's
 * address and writes one output for each of its resources, named as readers find it (`eia.demand`, `bsee.mv_apd_main_all`).
 */
export interface OpenLineageEvent {
  readonly eventType: 'START' | 'COMPLETE' | 'FAIL' | 'ABORT';
  /** RFC 3339, UTC. */
  readonly eventTime: string;
  readonly producer: string;
  readonly schemaURL: string;
  readonly run: { readonly runId: string; readonly facets: Facets };
  readonly job: { readonly namespace: string; readonly name: string; readonly facets: Facets };
  readonly inputs: readonly Dataset[];
  readonly outputs: ReadonlyArray<Dataset & { readonly outputFacets: Facets }>;
}

interface Dataset {
  readonly namespace: string;
  readonly name: string;
  readonly facets: Facets;
}
type Facet = Readonly<Record<string, unknown>> & { readonly _producer: string; readonly _schemaURL: string };
type Facets = Readonly<Record<string, Facet>>;
const NONE: Facets = {};

const SPEC = 'https://openlineage.io/spec';
/** Who says it. */
const PRODUCER = 'urn:freshet:reporter';

const facet = (file: string, type: string, content: object): Facet => ({
  _producer: PRODUCER,
  _schemaURL: `${SPEC}/facets/${file}/${type}.json#/$defs/${type}`,
  ...content,
});

/** The same facts give the same event, so that one sent twice is recognised. */
export function runEvent(
  definition: DatasetDefinition,
  { run, merged, checks }: LineageFacts,
  moment: LineageMoment,
  namespace: string,
): OpenLineageEvent {
  const ended = moment === 'end';
  return {
    eventType: ended ? (ENDS[run.state] ?? 'FAIL') : 'START',
    eventTime: (ended ? run.endedAt : run.startedAt) ?? run.requestedAt,
    producer: PRODUCER,
    schemaURL: `${SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent`,
    run: { runId: run.id, facets: runFacets(run, ended) },
    job: { namespace, name: definition.id, facets: jobFacets(definition) },
    inputs: publisher(definition, run.access?.url ?? null),
    outputs: definition.resources.map((resource) => {
      const totals = ended ? run.resources.find((entry) => entry.resource === resource.name) : undefined;
      const rows = merged ? merged.added + merged.changed : totals?.outcome === 'published' ? totals.rows : 0;
      return {
        namespace,
        name: `${definition.source}.${resource.name}`,
        facets: datasetFacets(resource, totals ? { version: versionOf(run), totals, checks } : null),
        outputFacets:
          ended && run.state === 'published'
            ? { outputStatistics: statistics(rows, merged ? undefined : totals?.bytes) }
            : NONE,
      };
    }),
  };
}

type Run = LineageFacts['run'];

const ENDS: Readonly<Partial<Record<Run['state'], OpenLineageEvent['eventType']>>> = {
  published: 'COMPLETE',
  unchanged: 'COMPLETE',
  failed: 'FAIL',
  cancelled: 'ABORT',
};

function runFacets({ window, failure, trigger, state }: Run, ended: boolean): Facets {
  return {
    ...(window && {
      nominalTime: facet('1-0-1', 'NominalTimeRunFacet', { nominalStartTime: window.from, nominalEndTime: window.to }),
    }),
    ...(ended &&
      failure && {
        errorMessage: facet('1-0-1', 'ErrorMessageRunFacet', {
          message: `${failure.code}: ${failure.message} Next step: ${failure.nextStep}`,
          programmingLanguage: 'JavaScript',
        }),
      }),
    freshet_run: {
      _producer: PRODUCER,
      _schemaURL: `${SPEC}/2-0-2/OpenLineage.json#/$defs/RunFacet`,
      trigger,
      ...(ended && { outcome: state }),
    },
  };
}

const jobFacets = ({ title, description }: DatasetDefinition): Facets => ({
  jobType: facet('2-0-3', 'JobTypeJobFacet', { processingType: 'BATCH', integration: 'FRESHET', jobType: 'REFRESH' }),
  documentation: facet('1-0-1', 'DocumentationJobFacet', { description: description ?? title }),
});

/** The address asked, in the manner of OpenLineage's names: the origin is the namespace, the path the name. Never its query. */
function publisher({ source, access }: DatasetDefinition, asked: string | null): readonly Dataset[] {
  const declared = access.find((way) => way.kind !== 'portal');
  const address = asked ?? declared?.url;
  const url = address === undefined || !URL.canParse(address) ? null : new URL(address);
  if (!url) return [];
  const [namespace, uri] = url.protocol === 'file:' ? ['file', url.href] : [url.origin, url.origin + url.pathname];
  const dataSource = facet('1-0-1', 'DatasourceDatasetFacet', { name: source, uri });
  return [{ namespace, name: url.pathname, facets: { dataSource } }];
}

/** Of a snapshot its generation; of a time series the run that confirmed it. */
const versionOf = (run: Run): string => (run.generation === null ? run.id : String(run.generation));

function datasetFacets(
  { columns }: ResourceDefinition,
  result: {
    readonly version: string;
    readonly totals: { readonly rows: number; readonly bytes: number };
    readonly checks: LineageFacts['checks'];
  } | null,
): Facets {
  const fields = columns.map(({ name, type, description }) => ({
    name: storedName(name),
    type,
    ...(description !== undefined && { description }),
  }));
  return {
    schema: facet('1-1-1', 'SchemaDatasetFacet', { fields }),
    ...(result && {
      version: facet('1-0-1', 'DatasetVersionDatasetFacet', { datasetVersion: result.version }),
      dataQualityMetrics: facet('1-0-0', 'DataQualityMetricsDatasetFacet', {
        rowCount: result.totals.rows,
        bytes: result.totals.bytes,
        columnMetrics: {},
      }),
      ...(result.checks.length > 0 && {
        dataQualityAssertions: facet('1-0-1', 'DataQualityAssertionsDatasetFacet', {
          assertions: result.checks.map(({ name, failed }) => ({ assertion: name, success: failed === 0 })),
        }),
      }),
    }),
  };
}

const statistics = (rowCount: number, size: number | undefined): Facet =>
  facet('1-0-2', 'OutputStatisticsOutputDatasetFacet', { rowCount, ...(size !== undefined && { size }) });

import { systemClock, toFailure, type Clock, type DatasetDefinition } from '@freshet/domain';
import { openAccess } from '../access/open-access';
import { HttpClient } from '../http/client';
import { apiCandidates } from './api-patterns';
import { examineApi, examinePayload, examinePortal } from './examine';
import { examinePaged } from './examine-paged';
import { Pace, type Sleep } from './pace';
import { examineQueryPage } from './query-pages';
import type { ApiFinding, DatasetFinding, ProbeReport, QueryPageFinding } from './report';

export interface ProbeOptions {
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  /** Addresses to look for an API at; the usual ones of the definitions' sites unless told otherwise. */
  readonly apis?: readonly string[];
  /** Values of the credentials that definitions name, by variable. They stand in no finding. */
  readonly secrets?: ReadonlyMap<string, string>;
  /** For tests. */
  readonly sleep?: Sleep;
  /** The client of a definition; closed when done. For tests. */
  readonly createHttp?: (definition: DatasetDefinition) => HttpClient;
}

/**
 * Examines how a publisher can be reached: APIs where they usually are and behind its query pages, the portal page and its links, the payload's first
 * bytes, conditional requests, ranges, HEAD, and which of each definition's ways a refresh would use; of an API that definitions
 * name, what it says to a request for one record. One request after another, none of which reads more of a body than it needs.
 *
 * @param definitions of one source, at least one
 */
export async function probe(
  definitions: readonly DatasetDefinition[],
  options: ProbeOptions = {},
): Promise<ProbeReport> {
  const createHttp = options.createHttp ?? clientOf;
  const [first] = definitions;
  if (!first) throw new RangeError('there is nothing to probe');
  // Where a definition names an API, there is none to be looked for.
  const sites = definitions
    .filter(({ paging }) => !paging)
    .flatMap(({ access }) => access.map((way) => (way.kind === 'portal' ? way.page : way.url)));
  const apis: ApiFinding[] = [];
  const queryPages: QueryPageFinding[] = [];
  await using(createHttp(first), async (http) => {
    for (const url of options.apis ?? apiCandidates(sites, first.source)) {
      apis.push(await examineApi(http, url, options.signal));
    }
    for (const url of new Set(definitions.flatMap((definition) => definition.queryPages ?? []))) {
      queryPages.push(await examineQueryPage(http, url, options.signal));
    }
  });
  const datasets: DatasetFinding[] = [];
  const pace = new Pace(options.sleep);
  for (const definition of definitions) {
    await using(createHttp(definition), async (http) => {
      datasets.push(await examineDataset(http, definition, pace, options));
    });
  }
  const at = (options.clock ?? systemClock).now().toISOString();
  return { source: first.source, at, apis, queryPages, datasets };
}

async function examineDataset(
  http: HttpClient,
  definition: DatasetDefinition,
  pace: Pace,
  { signal, clock, secrets }: ProbeOptions,
): Promise<DatasetFinding> {
  const { paging, credential } = definition;
  if (paging) {
    const secret = (credential && secrets?.get(credential.variable)) ?? null;
    const about = { dataset: definition.id, portal: null, payload: null };
    try {
      return { ...about, ...(await examinePaged({ http, definition, secret, pace, clock, signal }, paging)) };
    } catch (error) {
      if (signal?.aborted) throw error;
      return { ...about, access: null, failure: toFailure(error), paged: null };
    }
  }
  const portal = await examinePortal(http, definition.access, signal);
  const about = { dataset: definition.id, portal, paged: null };
  try {
    const opened = await openAccess(http, definition.access, { signal });
    opened.download.close();
    const { report } = opened;
    const payload = await examinePayload(http, opened.download.url, signal);
    return { ...about, access: report, failure: null, payload };
  } catch (error) {
    if (signal?.aborted) throw error;
    return { ...about, access: null, failure: toFailure(error), payload: null };
  }
}

/** Probing is a person waiting: silence is called one sooner than in a refresh. */
const clientOf = ({ allowPrivateHosts, userAgent, timeouts }: DatasetDefinition): HttpClient =>
  new HttpClient({
    allowPrivateHosts,
    userAgent,
    timeouts: { connectMs: Math.min(10_000, timeouts.connectMs), stallMs: Math.min(15_000, timeouts.stallMs) },
  });

async function using(http: HttpClient, work: (http: HttpClient) => Promise<void>): Promise<void> {
  try {
    await work(http);
  } finally {
    http.close();
  }
}

import {
  FreshetError,
  resolveCode,
  type AccessReport,
  type DatasetDefinition,
  type PagedJson,
  type ResourceDefinition,
  type TaskManifest,
} from '@freshet/domain';
import {
  apiAddress,
  credentialMissing,
  planQuestions,
  type Question,
  safeUrl,
  Scrubber,
  stampsOf,
} from '@freshet/publisher';
import type { Connector, ConnectorTask } from './connector';
import { failureOfFile } from './file-failure';
import { askPage, type AskOptions, type Page } from './paged-json/ask';
import { Collected } from './paged-json/collected';
import { fetchJsonFile } from './paged-json/file';

/**
 * An API that answers with JSON, page by page, as `paging` of the definition says. What is asked for is divided so that answers
 * fit a page where the estimate holds; records arrive in the order of the questions and, in each, of the whole key.
 *
 * Delivery: a page's chunks are emitted once the page was found whole and consistent with those before it. Requests that fail in
 * passing are repeated before that, so nothing is emitted twice. The manifest says which chunks came from which request.
 */
export const pagedJson: Connector = {
  async fetch(task) {
    const { definition, spec, secret } = task;
    const { paging, credential } = definition;
    const [resource] = definition.resources;
    if (!paging || !resource) throw notPaged(definition);
    const scrubber = new Scrubber(secret);
    if (spec.file !== null) {
      const { file } = spec;
      return fetchJsonFile({ task, paging, resource, scrubber, path: file }).catch((error: unknown) =>
        Promise.reject(failureOfFile(error, file, 'JSON')),
      );
    }
    if (credential?.required && secret === null) throw credentialMissing(definition.id, credential);
    return fetchPages(task, paging, resource, scrubber);
  },
};

async function fetchPages(
  task: ConnectorTask,
  paging: PagedJson,
  resource: ResourceDefinition,
  scrubber: Scrubber,
): Promise<TaskManifest> {
  const { definition, spec, logger, progress } = task;
  const window = spec.window ?? null;
  const selected = [...new Set((spec.only ?? []).map((written) => resolveCode(definition, written)))];
  if (selected.length === 0) selected.push(...paging.select.values);
  const stamps = stampsOf(definition);
  const address = apiAddress(definition);
  const onBytes = (count: number): void => void (progress.bytesReceived += count);
  const options: AskOptions = { ...{ task, paging, resource, address, stamps, scrubber }, onBytes };
  const collected = new Collected(task, resource);
  progress.bytesReceived = 0;
  for (const question of planQuestions(paging, stamps.resolutionSeconds, window, selected))
    await answer(options, question, collected);
  const asked = `${selected.join(', ')}${window ? ` from ${window.from} to ${window.to}` : ''}`;
  const manifest = collected.manifest(asked);
  const without = selected.filter((value) => !collected.values.has(value));
  if (without.length > 0) logger.warn({ without }, `the publisher has no records for ${without.join(', ')}`);
  return {
    outcome: 'fetched',
    access: accessOf(address),
    validators: {},
    bytesReceived: progress.bytesReceived,
    resources: [manifest],
    ignoredMembers: [],
    requests: collected.requests,
    ...(window ? { window } : {}),
    selected,
  };
}

/** All pages of one question. The total decides when it is answered, never a warning: publishers warn of every page but the last. */
async function answer(options: AskOptions, question: Question, collected: Collected): Promise<void> {
  const { maxPages } = options.paging;
  const unseen = new Set(question.values);
  let total: number | null = null;
  for (let offset = 0, pages = 1; ; pages += 1) {
    if (pages > maxPages) throw pageLimit(options, question, maxPages, total ?? 0);
    const page: Page = await askPage(options, question, offset, collected.chunks);
    if (total !== null && page.total !== total) throw totalChanged(options, question, total, page.total);
    ({ total } = page);
    offset += page.records;
    if (offset > total) throw totalChanged(options, question, total, offset);
    if (offset < total && page.records === 0) throw incomplete(options, question, offset, total);
    for (const value of page.tally.keys()) unseen.delete(value);
    const done = offset === total;
    const notes = done && unseen.size > 0 ? [`no rows for ${[...unseen].join(', ')}`] : [];
    await collected.add(page, { ...page.report, warnings: [...page.report.warnings, ...notes] });
    if (done) return;
  }
}

function accessOf(address: string): AccessReport {
  const url = new URL(safeUrl(address));
  url.search = '';
  return { kind: 'api', url: url.href, skipped: [] };
}

const notPaged = ({ id }: DatasetDefinition): FreshetError =>
  new FreshetError('definition_invalid', {
    message: `${id} names the connector paged-json without saying how its pages are asked for`,
    nextStep: 'Add `paging` and a resource to the definition.',
    attributes: { dataset: id },
  });

const about = ({ window, values }: Question): string =>
  `${values.join(', ')}${window ? ` from ${window.from.toISOString()} to ${window.to.toISOString()}` : ''}`;

const totalChanged = ({ resource }: AskOptions, question: Question, before: number, now: number): FreshetError =>
  new FreshetError('total_changed', {
    message: `the publisher had ${before} records of ${resource.name} for ${about(question)}, and on a later page ${now}`,
    nextStep: 'The data changed while it was read; it is read again from the first page by itself.',
    attributes: { resource: resource.name, before, now },
  });

const incomplete = ({ resource }: AskOptions, question: Question, records: number, total: number): FreshetError =>
  new FreshetError('payload_incomplete', {
    message: `the publisher promised ${total} records of ${resource.name} for ${about(question)} and gave ${records}`,
    nextStep: 'It is asked for again by itself; if it repeats, ask for shorter windows or fewer codes at once.',
    attributes: { resource: resource.name, records, total },
  });

const pageLimit = ({ resource }: AskOptions, question: Question, maxPages: number, total: number): FreshetError =>
  new FreshetError('page_limit', {
    message: `${about(question)} of ${resource.name} takes more than ${maxPages} pages: there are ${total} records`,
    nextStep: 'Raise recordsPerHour to what there really is, so that less is asked for at once, or raise maxPages.',
    attributes: { resource: resource.name, maxPages, total },
  });

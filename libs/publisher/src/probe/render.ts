import { withoutRetry } from '@freshet/domain';
import { renderPaged } from './render-paged';
import type {
  ApiFinding,
  ConditionalFinding,
  DatasetFinding,
  PagedFinding,
  PayloadFinding,
  ProbeReport,
  QueryPageFinding,
} from './report';

/** A report for people: what would be used, and why. */
export function renderProbe(report: ProbeReport): string {
  const lines = [
    `${report.source}, probed ${report.at}`,
    '',
    `API: ${apiVerdict(report)}`,
    ...[...report.apis].sort(byVerdict).map((api) => `  ${mark(api)} ${api.url}  ${api.detail}`),
    ...renderQueryPages(report.queryPages),
    ...report.datasets.flatMap((dataset) => ['', ...renderDataset(dataset)]),
  ];
  return `${lines.join('\n')}\n`;
}

function apiVerdict({ apis, datasets }: ProbeReport): string {
  if (apis.length === 0 && datasets.every(({ paged }) => paged !== null))
    return 'named by the definitions, so none is looked for';
  const found = apis.filter(({ verdict }) => verdict !== 'none').length;
  return `${found === 0 ? 'none found' : `${found} address(es) answer with data, look at them`} (${apis.length} addresses examined)`;
}

function renderQueryPages(pages: readonly QueryPageFinding[]): string[] {
  if (pages.length === 0) return [];
  const found = pages.reduce((sum, { endpoints }) => sum + endpoints.length, 0);
  return [
    '',
    `Query pages: ${found === 0 ? 'no endpoint behind them' : `${found} address(es) they call, look at them`} (${pages.length} pages examined)`,
    ...pages.flatMap(({ url, detail, endpoints }) => [
      `  - ${url}  ${detail}`,
      ...endpoints.map((endpoint) => `    ! ${endpoint}`),
    ]),
  ];
}

const byVerdict = (a: ApiFinding, b: ApiFinding): number => Number(a.verdict === 'none') - Number(b.verdict === 'none');
const mark = ({ verdict }: ApiFinding): string => (verdict === 'none' ? '-' : verdict === 'api' ? '!' : 'i');

function renderDataset({ dataset, access, failure, portal, payload, paged }: DatasetFinding): string[] {
  const rows: Array<[string, string]> = [];
  if (access) {
    rows.push(['would use', `${access.kind}: ${access.url}${paged ? how(paged) : ''}`]);
    for (const { kind, reason } of access.skipped) rows.push([`not ${kind}`, reason]);
  }
  if (failure)
    rows.push(['fails', `${failure.code}: ${failure.message}`], ['what to do', withoutRetry(failure.nextStep)]);
  if (portal) {
    const same = portal.asDeclared === false ? ', not the declared address: correct the definition' : '';
    const stamp = portal.stamp ? `, updated ${portal.stamp} (publisher’s time)` : '';
    rows.push(['portal', portal.link ? `${portal.link}${stamp}${same}` : portal.detail]);
  }
  if (payload) rows.push(...renderPayload(payload));
  for (const [name, text] of paged ? renderPaged(paged) : []) rows.push([name, text]);
  const width = Math.max(...rows.map(([name]) => name.length));
  return [dataset, ...rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`)];
}

/** How the API would be asked. */
function how({ styles: [style], key }: PagedFinding): string {
  const parameters = style?.style === 'header' ? 'parameters in a header' : 'parameters in the URL';
  return `, ${parameters}${key ? `, key in the header ${key.header}` : ''}`;
}

function renderPayload(payload: PayloadFinding): Array<[string, string]> {
  const size = payload.bytes === null ? 'size not said' : `${payload.bytes} bytes`;
  return [
    ['payload', `${payload.class}, ${size}, ${payload.contentType ?? 'no type'}, status ${payload.status}`],
    ['validators', `Last-Modified ${payload.lastModified ?? 'none'}; ETag ${payload.etag ?? 'none'}`],
    ['unchanged', `If-None-Match ${SAYS[payload.ifNoneMatch]}; If-Modified-Since ${SAYS[payload.ifModifiedSince]}`],
    [
      'ranges',
      payload.ranges
        ? `yes; a lost connection is ${payload.resumable ? 'resumed' : 'not resumed: no strong validator'}`
        : 'no; a lost connection starts over',
    ],
    ['HEAD', payload.head === null ? 'fails' : `status ${payload.head}`],
  ];
}

const SAYS: Readonly<Record<ConditionalFinding, string>> = {
  not_modified: '→ 304, no download when nothing changed',
  ignored: 'is ignored',
  not_offered: 'not offered',
  failed: 'fails',
};

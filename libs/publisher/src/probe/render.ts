import { withoutRetry } from '@freshet/domain';
import type {
  ApiFinding,
  ConditionalFinding,
  DatasetFinding,
  PayloadFinding,
  ProbeReport,
  QueryPageFinding,
} from './report';

/** A report for people: what would be used, and why. */
export function renderProbe(report: ProbeReport): string {
  const found = report.apis.filter(({ verdict }) => verdict !== 'none');
  const lines = [
    `${report.source}, probed ${report.at}`,
    '',
    `API: ${found.length === 0 ? 'none found' : `${found.length} address(es) answer with data, look at them`} (${report.apis.length} addresses examined)`,
    ...[...report.apis].sort(byVerdict).map((api) => `  ${mark(api)} ${api.url}  ${api.detail}`),
    ...renderQueryPages(report.queryPages),
    ...report.datasets.flatMap((dataset) => ['', ...renderDataset(dataset)]),
  ];
  return `${lines.join('\n')}\n`;
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

function renderDataset({ dataset, access, failure, portal, payload }: DatasetFinding): string[] {
  const rows: Array<[string, string]> = [];
  if (access) {
    rows.push(['would use', `${access.kind}: ${access.url}`]);
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
  const width = Math.max(...rows.map(([name]) => name.length));
  return [dataset, ...rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`)];
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

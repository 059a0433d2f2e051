import { toFailure, type AccessWay } from '@freshet/domain';
import type { HttpClient, HttpResponse } from '../http/client';
import { safeUrl } from '../http/failures';
import { contentLength, parseContentRange, strongValidator } from '../http/validators';
import { classify, CLASSIFY_BYTES, titleOf } from '../payload/classify';
import { peek } from '../payload/peek';
import { readPortal } from '../portal/read-page';
import { isCatalogue } from './api-patterns';
import type { ApiFinding, ConditionalFinding, PayloadFinding, PortalFinding } from './report';

const PART = { Range: `bytes=0-${CLASSIFY_BYTES - 1}` };

/** The first bytes of an answer; the rest is not read. */
async function headOf(response: HttpResponse): Promise<Buffer> {
  try {
    return (await peek(response.body, CLASSIFY_BYTES)).head;
  } finally {
    response.close();
  }
}

export async function examineApi(http: HttpClient, url: string, signal?: AbortSignal): Promise<ApiFinding> {
  const safe = safeUrl(url);
  try {
    const response = await http.request({ url, signal, headers: { ...PART, Accept: 'application/json, */*;q=0.5' } });
    const head = await headOf(response);
    const type = response.headers['content-type'] ?? '';
    const data =
      response.status < 300 &&
      (/json|xml(?!.*html)/i.test(type.replace(/xhtml\S*/i, '')) || /^\s*[{[]/.test(head.toString('latin1')));
    if (data)
      return {
        url: safe,
        verdict: isCatalogue(url) ? 'catalogue' : 'api',
        detail: `${response.status} ${type || 'data'}`,
      };
    const title = titleOf(head);
    const what = classify(head, type) === 'html' ? `a page${title ? ` “${title}”` : ''}` : type || 'nothing';
    return { url: safe, verdict: 'none', detail: `${response.status} ${what}` };
  } catch (error) {
    if (signal?.aborted) throw error;
    return { url: safe, verdict: 'none', detail: toFailure(error).code };
  }
}

export async function examinePortal(
  http: HttpClient,
  ways: readonly AccessWay[],
  signal?: AbortSignal,
): Promise<PortalFinding | null> {
  const way = ways.find((entry) => entry.kind === 'portal');
  if (way?.kind !== 'portal') return null;
  const declared = ways.find((entry) => entry.kind === 'url')?.url;
  const about = { page: safeUrl(way.page), file: way.file };
  try {
    const { url, stamp = null } = await readPortal(http, way.page, way.file, signal);
    const asDeclared = declared === undefined ? null : new URL(declared).toString() === url;
    return { ...about, link: safeUrl(url), stamp, asDeclared, detail: 'the page has the link' };
  } catch (error) {
    if (signal?.aborted) throw error;
    return { ...about, link: null, stamp: null, asDeclared: null, detail: toFailure(error).message };
  }
}

export async function examinePayload(http: HttpClient, url: string, signal?: AbortSignal): Promise<PayloadFinding> {
  const response = await http.request({ url, signal, headers: PART });
  const { status, headers } = response;
  const head = await headOf(response);
  const part = parseContentRange(headers['content-range']);
  const ranges = status === 206 && part?.start === 0 && part.end === head.length - 1;
  const etag = headers.etag ?? null;
  const lastModified = headers['last-modified'] ?? null;
  return {
    url: safeUrl(response.url),
    class: classify(head, headers['content-type']),
    status,
    contentType: headers['content-type'] ?? null,
    bytes: status === 206 ? (part?.total ?? null) : contentLength(headers),
    lastModified,
    etag,
    ranges,
    resumable: ranges && strongValidator(headers) !== null,
    ifNoneMatch: await conditional(http, url, 'If-None-Match', etag, signal),
    ifModifiedSince: await conditional(http, url, 'If-Modified-Since', lastModified, signal),
    head: await headStatus(http, url, signal),
  };
}

async function conditional(
  http: HttpClient,
  url: string,
  header: string,
  validator: string | null,
  signal?: AbortSignal,
): Promise<ConditionalFinding> {
  if (validator === null) return 'not_offered';
  try {
    const response = await http.request({ url, signal, headers: { [header]: validator } });
    response.close();
    return response.status === 304 ? 'not_modified' : response.status === 200 ? 'ignored' : 'failed';
  } catch (error) {
    if (signal?.aborted) throw error;
    return 'failed';
  }
}

async function headStatus(http: HttpClient, url: string, signal?: AbortSignal): Promise<number | null> {
  try {
    const response = await http.request({ url, method: 'HEAD', signal });
    response.close();
    return response.status;
  } catch (error) {
    if (signal?.aborted) throw error;
    return null;
  }
}

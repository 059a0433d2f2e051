import { toFailure } from '@freshet/domain';
import type { HttpClient } from '../http/client';
import { safeUrl } from '../http/failures';
import { titleOf } from '../payload/classify';
import { peek } from '../payload/peek';
import type { QueryPageFinding } from './report';

/** A page with its state is some hundred kilobytes; what calls an endpoint stands within that or in scripts of its own. */
const PAGE_BYTES = 512 * 1024;
const MOST_ENDPOINTS = 10;

/** What a page that asks for data behind the scenes has in it. The first group is the address. */
const CALLS: readonly RegExp[] = [
  /["']([^"'\s<>]*\.(?:asmx|ashx|svc)(?:[/?][^"'\s<>]*)?)["']/gi,
  /["']((?:https?:\/\/[^"'\s<>]+)?\/?(?:[^"'\s<>]*\/)?(?:api|odata|graphql|rest)\/[^"'\s<>]*)["']/gi,
  /(?:\bfetch|\.getJSON|\.ajax|\.open)\s*\(\s*(?:["'](?:GET|POST)["']\s*,\s*)?["']([^"'\s<>]+)["']/gi,
  /["']([^"'\s<>]+\.json(?:\?[^"'\s<>]*)?)["']/gi,
];
/** ASP.NET WebForms: the form sends its state back and gets a page, or pieces of one. */
const POSTBACK = /__VIEWSTATE|__doPostBack|WebForm_DoCallback/;

/** Looks through a page where people query data for the endpoints it calls. They are named, not called; scripts are not followed. */
export async function examineQueryPage(http: HttpClient, url: string, signal?: AbortSignal): Promise<QueryPageFinding> {
  const about = { url: safeUrl(url) };
  try {
    const response = await http.request({ url, signal, headers: { Accept: 'text/html' } });
    const html = await text(response);
    const title = titleOf(Buffer.from(html, 'latin1'));
    const named = title ? ` “${title}”` : '';
    if (response.status >= 300 || /\b404\b/.test(title ?? ''))
      return { ...about, endpoints: [], detail: `${response.status}, no such page${named}` };
    const endpoints = endpointsOf(html, response.url);
    const how = POSTBACK.test(html) ? 'a form that sends its state back and gets a page' : 'a page';
    return { ...about, endpoints, detail: `${response.status} ${how}${named}` };
  } catch (error) {
    if (signal?.aborted) throw error;
    return { ...about, endpoints: [], detail: toFailure(error).code };
  }
}

async function text(response: Awaited<ReturnType<HttpClient['request']>>): Promise<string> {
  try {
    return (await peek(response.body, PAGE_BYTES)).head.toString('latin1');
  } finally {
    response.close();
  }
}

function endpointsOf(html: string, base: string): string[] {
  const found = new Set<string>();
  for (const pattern of CALLS) {
    for (const [, address = ''] of html.matchAll(pattern)) {
      const url = URL.canParse(address, base) ? new URL(address, base) : null;
      if (url && /^https?:$/.test(url.protocol)) found.add(safeUrl(url.toString()));
      if (found.size >= MOST_ENDPOINTS) return [...found];
    }
  }
  return [...found];
}

import { FreshetError } from '@freshet/domain';
import { readAll, type HttpClient } from '../http/client';
import { safeUrl } from '../http/failures';
import { findLink, type PortalLink } from './find-link';

/** The real page is some hundred kilobytes. */
const MAX_PAGE_BYTES = 4 * 1024 * 1024;

/**
 * Reads a portal page and finds the link to `file` on it.
 * @throws FreshetError what reaching the page failed with; `not_found` when it has no such link
 */
export async function readPortal(
  http: HttpClient,
  page: string,
  file: string,
  signal?: AbortSignal,
): Promise<PortalLink> {
  const response = await http.request({ url: page, signal, headers: { Accept: 'text/html' } });
  try {
    http.assertOk(response);
    const html = (await readAll(response, MAX_PAGE_BYTES)).toString('utf8');
    const link = findLink(html, response.url, file);
    if (link) return link;
  } finally {
    response.close();
  }
  throw new FreshetError('not_found', {
    message: `the page ${safeUrl(page)} has no link to ${file}`,
    nextStep: 'Look at the page: the file may have been renamed or retired; correct `access` in the definition.',
    attributes: { url: safeUrl(page), file },
  });
}

import { parse, type HTMLElement } from 'node-html-parser';

export interface PortalLink {
  /** Resolved against the page. */
  readonly url: string;
  /** When the publisher says the file was updated, as published: civil time, zone unknown. */
  readonly stamp?: string;
}

const STAMP = /\b\d{1,2}\/\d{1,2}\/\d{4}(?: \d{1,2}:\d{2}:\d{2} [AP]M)?/;

/**
 * The link to `file` on a portal page: the last part of its path decides, without case, never its place on the page, because
 * rows come and go. The stamp is the first date in the nearest table row. Where several links match, the one with the exact
 * case wins, then the first.
 */
export function findLink(html: string, pageUrl: string, file: string): PortalLink | null {
  const wanted = file.toLowerCase();
  // Removing what was never closed, which the parser does unless told otherwise, takes the square of its number.
  const found = parse(withoutComments(html), { parseNoneClosedTags: true })
    .querySelectorAll('a[href]')
    .map((anchor) => ({ anchor, url: resolve(anchor.getAttribute('href') ?? '', pageUrl) }))
    .filter((link): link is { anchor: HTMLElement; url: URL } => link.url !== null)
    .filter(({ url }) => basename(url).toLowerCase() === wanted);
  const best = found.find(({ url }) => basename(url) === file) ?? found[0];
  if (!best) return null;
  const row = best.anchor.closest('tr');
  const stamp = row
    ?.querySelectorAll('td')
    .map((cell) => STAMP.exec(cell.text.replace(/\s+/g, ' '))?.[0])
    .find(Boolean);
  return { url: best.url.toString(), ...(stamp ? { stamp } : {}) };
}

/** One pass; the parser looks through the rest of the page for the end of every comment that has none. */
function withoutComments(html: string): string {
  let kept = '';
  for (let at = 0; ;) {
    const start = html.indexOf('<!--', at);
    kept += html.slice(at, start === -1 ? undefined : start);
    const end = start === -1 ? -1 : html.indexOf('-->', start + 4);
    if (end === -1) return kept;
    at = end + 3;
  }
}

function resolve(href: string, pageUrl: string): URL | null {
  if (!URL.canParse(href, pageUrl)) return null;
  const url = new URL(href, pageUrl);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : null;
}

function basename(url: URL): string {
  const last = url.pathname.slice(url.pathname.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

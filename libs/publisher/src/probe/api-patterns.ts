import { isIP } from 'node:net';

/** Where publishers, governments' above all, usually put an API or its description. */
const PATHS = [
  '/api',
  '/api/v1',
  '/v1',
  '/developer',
  '/developers',
  '/docs',
  '/api/docs',
  '/openapi.json',
  '/swagger/v1/swagger.json',
  '/odata',
  '/data.json',
];

/** `data.json` at the root is the Project Open Data catalogue that data.gov harvests. */
export const isCatalogue = (url: string): boolean =>
  new URL(url).pathname === '/data.json' || url.includes('/package_search');

/**
 * Addresses to look for an API at, a bounded list for each site: well-known paths, `api.` hosts of its domain, and for `.gov`
 * the search of data.gov.
 */
export function apiCandidates(sites: readonly string[], source: string): readonly string[] {
  const found = new Set<string>();
  for (const site of sites) {
    const { origin, hostname, protocol } = new URL(site);
    for (const path of PATHS) found.add(origin + path);
    for (const host of apiHosts(hostname)) found.add(`${protocol}//${host}/`);
    if (hostname.endsWith('.gov')) {
      found.add(`https://catalog.data.gov/api/3/action/package_search?q=${encodeURIComponent(source)}&rows=5`);
    }
  }
  return [...found].slice(0, 40);
}

/** `www.data.bsee.gov` gives `api.data.bsee.gov` and `api.bsee.gov`. */
function apiHosts(hostname: string): string[] {
  if (isIP(hostname.replace(/[[\]]/g, '')) !== 0 || !hostname.includes('.')) return [];
  const labels = hostname.replace(/^www\./, '').split('.');
  return labels.slice(0, -1).map((_, index) => `api.${labels.slice(index).join('.')}`);
}

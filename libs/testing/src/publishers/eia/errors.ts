/** What the API (`error` a text) or the gate in front of it (`error` an object) refuses a request with. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly body: unknown,
  ) {
    super(JSON.stringify(body));
  }
}

const quoted = (names: readonly string[]): string => {
  const all = names.map((name) => `'${name}'`);
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')}, and ${all.at(-1)}`;
};
const bad = (error: string): Refusal => new Refusal(400, { error, code: 400 });

export const REFUSALS = {
  keyMissing: () =>
    new Refusal(403, {
      error: {
        code: 'API_KEY_MISSING',
        message: 'No api_key was supplied.  Please register for one at https://www.eia.gov/opendata/register.php',
      },
    }),
  /** The code is as recorded, the text is not known. */
  keyInvalid: () =>
    new Refusal(403, {
      error: {
        code: 'API_KEY_INVALID',
        message:
          'An invalid api_key was supplied.  Please register for one at https://www.eia.gov/opendata/register.php',
      },
    }),
  overLimit: (status: 403 | 429) =>
    new Refusal(status, {
      error: {
        code: 'OVER_RATE_LIMIT',
        message:
          'You have exceeded your rate limit. Try again later or contact us at https://api.eia.gov:443/contact/ for assistance',
      },
    }),
  notFound: () => new Refusal(404, { error: 'Not found.', code: 404 }),
  retired: () =>
    new Refusal(404, {
      error:
        'EIA retired APIv1 on March 13th, 2023. Please use an APIv2 call starting with /v2, or a backward compatibility call with api.eia.gov/seriesid/V1_SERIES_ID. Full documentation is available at https://www.eia.gov/opendata',
      code: 404,
    }),
  method: () => new Refusal(405, { error: 'Method not allowed.', code: 405 }),
  /** `what` in the singular; frequencies alone are "frequencies" in the plural. */
  invalid: (what: 'frequency' | 'data' | 'facet', value: string, valid: readonly string[]) => {
    const plural = { frequency: 'frequencies', data: 'data', facet: 'facets' }[what];
    return bad(`Invalid ${what} '${value}' provided. The only valid ${plural} are ${quoted(valid)}.`);
  },
  sort: (value: string) => bad(`Invalid sort '${value}' provided.`),
  date: (value: string) => bad(`Invalid date format '${value}' provided.`),
  number: (name: string, value: string) => bad(`Invalid ${name} '${value}' provided.`),
} as const;

export const HTML_PAGE = (title: string): string =>
  `<!DOCTYPE html>\n<html lang="en"><head><title>${title}</title></head>\n<body><h1>${title}</h1><p>U.S. Energy Information Administration</p></body></html>\n`;

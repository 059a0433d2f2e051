import type { EiaPublisher, EiaRow } from '.';

export interface Body {
  readonly warnings?: ReadonlyArray<{ warning: string; description: string }>;
  readonly response: {
    readonly total: string | number;
    readonly data: readonly EiaRow[];
    readonly warnings?: ReadonlyArray<{ warning: string; description: string }>;
    readonly [name: string]: unknown;
  };
  readonly request: { readonly command: string; readonly params: Record<string, unknown> };
  readonly apiVersion: string;
}

/** A full page of `region-data` and so on, in query style; `query` without the leading mark. */
export const ask = (eia: EiaPublisher, route: string, query: string, init?: RequestInit): Promise<Response> =>
  fetch(`${eia.url}/v2/electricity/rto/${route}/data/?${query}`, init);

export const bodyOf = async (response: Promise<Response>): Promise<Body> => (await (await response).json()) as Body;

/** Reads page after page, as a careful client does. */
export async function everything(eia: EiaPublisher, route: string, query: string, length: number): Promise<EiaRow[]> {
  const rows: EiaRow[] = [];
  for (;;) {
    const { response } = await bodyOf(ask(eia, route, `${query}&offset=${rows.length}&length=${length}`));
    rows.push(...response.data);
    if (response.data.length === 0 || rows.length >= Number(response.total)) return rows;
  }
}

export const sorted = (...columns: string[]): string =>
  columns.map((column, i) => `sort[${i}][column]=${column}&sort[${i}][direction]=asc`).join('&');

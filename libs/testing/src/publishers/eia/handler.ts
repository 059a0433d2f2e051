import { mix } from '../bsee/random';
import type { BodyStyle, Row } from './body';
import { dataBody, echo, metadataBody, rowOf, versions } from './body';
import { MAX_LENGTH, readDataRequest } from './data-request';
import { HTML_PAGE, REFUSALS } from './errors';
import type { FaultSwitches } from './fault-switches';
import type { EiaFault } from './faults';
import { stampOf } from './period';
import type { Asked, RequestLog } from './request';
import { select } from './query';
import type { EiaRoute, RouteSpec } from './routes';
import { EIA_ROUTES, ROUTES } from './routes';
import type { Answer } from './send';
import { json } from './send';
import { HISTORY_BEGINS } from './series';
import type { View } from './view';

const ROOT = '/v2/electricity/rto';

export interface Answered {
  readonly answer: Answer;
  /** What is still to go wrong while it is sent. */
  readonly fault?: EiaFault;
}

/** Answers one request of a key that is let in. */
export class Handler {
  constructor(
    private readonly view: View,
    private readonly style: BodyStyle,
    private readonly faults: FaultSwitches,
    /** Of this request; what has no order differs from one request to the next. */
    private readonly number: number,
  ) {}

  /** @throws Refusal */
  answer(asked: Asked, sent: RequestLog): Answered {
    const path = asked.path.replace(/\/+$/, '');
    if (!path.startsWith('/v2')) throw path === '' ? REFUSALS.notFound() : REFUSALS.retired();
    if (asked.method !== 'GET') throw REFUSALS.method();
    const [name = '', what, facet, ...more] = path.slice(ROOT.length + 1).split('/');
    if (!path.startsWith(ROOT) || more.length > 0) throw REFUSALS.notFound();
    if (path === ROOT) return this.ok(this.routes(asked));
    const route = EIA_ROUTES.find((known) => known === name);
    if (!route) throw REFUSALS.notFound();
    const spec = ROUTES[route];
    if (what === undefined) return this.ok(metadataBody(spec, this.endPeriod(route), this.echo(asked), this.style));
    if (what === 'facet') return this.ok(this.facet(spec, facet, asked));
    if (what !== 'data' || facet !== undefined) throw REFUSALS.notFound();
    sent.route = route;
    return this.data(spec, asked, sent);
  }

  private data(spec: RouteSpec, asked: Asked, sent: RequestLog): Answered {
    const request = readDataRequest(asked.params, spec);
    const fault = this.faults.next(spec.route, request.offset, performance.now());
    sent.fault = fault?.kind ?? null;
    const instead = fault && insteadOfData(fault);
    if (instead) return { answer: instead };

    const by = fault?.by ?? 1;
    const asWanted = Math.min(request.length, MAX_LENGTH);
    const { total, rows } = select(this.view, {
      route: spec.route,
      facets: request.facets,
      from: Math.max(request.from, HISTORY_BEGINS),
      to: Math.min(request.to, this.view.horizon),
      sort: request.sort,
      offset: request.offset,
      length: asWanted + (fault?.kind === 'long-page' ? by : 0),
      turn: request.sort.length === 0 ? mix(this.number, 1, 1) : 0,
    });
    let published: Row[] = rows.map((ref) => rowOf(this.view, ref, request.frequency));
    if (fault?.kind === 'short-page') published = published.slice(0, Math.max(0, published.length - by));
    if (fault?.kind === 'empty-page') published = [];
    if (fault?.kind === 'wrong-order') published.reverse();
    const said = fault?.kind === 'total-missing' ? undefined : total + (fault?.kind === 'total-changes' ? by : 0);
    sent.rows = published.length;
    sent.total = said ?? null;
    const body = dataBody(
      {
        spec,
        request: fault?.kind === 'no-values' ? { ...request, withValues: false } : request,
        rows: published,
        total: said,
        echoed: this.echo(asked),
      },
      this.style,
    );
    return { answer: json(200, body), fault };
  }

  private routes(asked: Asked): unknown {
    return {
      response: {
        id: 'rto',
        name: 'Electric Power Operations (Daily and Hourly)',
        routes: EIA_ROUTES.map((id) => ({ id, name: ROUTES[id].name, description: ROUTES[id].description })),
      },
      request: this.echo(asked),
      ...versions(this.style.dialect),
    };
  }

  private facet(spec: RouteSpec, facet: string | undefined, asked: Asked): unknown {
    const tail = { request: this.echo(asked), ...versions(this.style.dialect) };
    if (facet === undefined) return { response: { totalFacets: spec.facets.length, facets: spec.facets }, ...tail };
    if (!spec.facets.some(({ id }) => id === facet)) throw REFUSALS.notFound();
    const facets = spec.values(facet).map(({ id, name }) => ({ id, name, alias: `(${id}) ${name}` }));
    return { response: { totalFacets: facets.length, facets }, ...tail };
  }

  private endPeriod(route: EiaRoute): string {
    return stampOf(this.view.newest(route) ?? HISTORY_BEGINS);
  }

  private echo({ path, params, key, style }: Asked): unknown {
    return echo(path, params, style === 'query' ? key : undefined, this.style);
  }

  private ok(body: unknown): Answered {
    return { answer: json(200, body) };
  }
}

/** Faults that leave nothing of the answer. */
function insteadOfData(fault: EiaFault): Answer | undefined {
  const html = (status: number, title: string): Answer => ({ status, type: 'text/html', body: HTML_PAGE(title) });
  switch (fault.kind) {
    case 'server-error':
      return { status: 500, type: 'text/plain', body: 'Something unexpected happened.' };
    case 'html':
      return html(200, 'EIA Open Data');
    case 'rate-limited':
      return json(429, REFUSALS.overLimit(429).body);
    case 'rate-limited-html':
      return html(429, 'Too Many Requests');
    case 'suspended':
      return json(403, REFUSALS.overLimit(403).body);
    case 'key-refused':
      return json(403, REFUSALS.keyInvalid().body);
    case 'error-in-200':
      return json(200, REFUSALS.invalid('frequency', 'hourly', ['daily']).body);
    case 'gate-error-in-200':
      return json(200, REFUSALS.overLimit(429).body);
    default:
      return undefined;
  }
}

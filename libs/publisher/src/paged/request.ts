import { compileDateLayout, type PagedJson } from '@freshet/domain';
import type { Question } from './questions';

/** Where one page is asked for, and with what. No secret is in it. */
export interface PageRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The same as an address, whatever the style: what is written down. */
  readonly shown: string;
}

type Parameter = readonly [name: string, value: string | number];

export interface Stamps {
  readonly resolutionSeconds: number;
  readonly stamp: 'start' | 'end';
}

/** The request for the page of `question` that starts at record `offset`. */
export function pageRequest(
  paging: PagedJson,
  address: string,
  question: Question,
  offset: number,
  stamps: Stamps,
): PageRequest {
  const parameters = parametersOf(paging, question, offset, stamps);
  const shown = new URL(address);
  for (const [name, value] of parameters) shown.searchParams.append(name, String(value));
  if (paging.style === 'query') return { url: shown.href, headers: {}, shown: shown.href };
  const headers = { [paging.parametersHeader]: JSON.stringify(nested(parameters)) };
  return { url: address, headers, shown: shown.href };
}

function parametersOf(paging: PagedJson, question: Question, offset: number, stamps: Stamps): Parameter[] {
  const { window, values } = question;
  return [
    ...paging.parameters.map(({ name, value }): Parameter => [name, value]),
    ...values.map((value): Parameter => [paging.select.parameter, value]),
    ...(window ? bounds(paging, window, stamps) : []),
    ...paging.sort.flatMap((column, index): Parameter[] => [
      [`sort[${index}][column]`, column],
      [`sort[${index}][direction]`, 'asc'],
    ]),
    [paging.offset, offset],
    [paging.length, paging.pageSize],
  ];
}

/** First and last stamp of a window, both of which the publisher includes. */
function bounds({ window: names }: PagedJson, window: { from: Date; to: Date }, stamps: Stamps): Parameter[] {
  const step = stamps.resolutionSeconds * 1000;
  const shift = stamps.stamp === 'end' ? step : 0;
  const layout = compileDateLayout(names.layout);
  const render = (ms: number): string => {
    const at = new Date(ms);
    return layout.render({
      year: at.getUTCFullYear(),
      month: at.getUTCMonth() + 1,
      day: at.getUTCDate(),
      hour: at.getUTCHours(),
      minute: at.getUTCMinutes(),
      second: at.getUTCSeconds(),
    });
  };
  return [
    [names.start, render(window.from.getTime() + shift)],
    [names.end, render(window.to.getTime() - step + shift)],
  ];
}

type Tree = Map<string, Tree | string | number>;

/** `facets[type][]=D` and the like as one object: names in brackets are keys, numbers and nothing in them make lists. */
function nested(parameters: readonly Parameter[]): unknown {
  const root: Tree = new Map();
  for (const [name, value] of parameters) {
    const keys = name.replaceAll(']', '').split('[');
    let at = root;
    for (const key of keys.slice(0, -1)) {
      const next = at.get(key);
      const inner: Tree = next instanceof Map ? next : new Map();
      at.set(key, inner);
      at = inner;
    }
    const last = keys.at(-1) as string;
    at.set(last === '' ? String(at.size) : last, value);
  }
  return plain(root);
}

function plain(value: Tree | string | number): unknown {
  if (!(value instanceof Map)) return value;
  const isList = [...value.keys()].every((key) => /^\d+$/.test(key));
  if (isList) return [...value].sort(([a], [b]) => Number(a) - Number(b)).map(([, inner]) => plain(inner));
  return Object.fromEntries([...value].map(([key, inner]) => [key, plain(inner)]));
}

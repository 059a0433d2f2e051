/** A parameter as PHP makes it of a query: texts, lists and maps. */
export type Parameter = string | number | boolean | null | Parameter[] | { [name: string]: Parameter };
export type Parameters = Record<string, Parameter>;

type Holder = { [name: string]: Parameter };

const isHolder = (value: Parameter | undefined): value is Holder =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `facets[type][]=D`, `data[0]=value`, `sort[0][column]=period`: brackets become lists and maps. */
export function parseQuery(search: URLSearchParams): Parameters {
  const root: Holder = {};
  for (const [name, value] of search) {
    const path = [name.split('[')[0] ?? name, ...[...name.matchAll(/\[([^\]]*)\]/g)].map((match) => match[1] ?? '')];
    let into = root;
    path.forEach((step, i) => {
      const key = step === '' ? String(Object.keys(into).length) : step;
      if (i === path.length - 1) into[key] = value;
      else {
        const next = into[key];
        const holder: Holder = isHolder(next) ? next : {};
        into[key] = holder;
        into = holder;
      }
    });
  }
  return Object.fromEntries(Object.entries(root).map(([name, value]) => [name, listed(value)]));
}

/** Keys 0, 1, 2 … make a list. */
function listed(value: Parameter): Parameter {
  if (!isHolder(value)) return value;
  const keys = Object.keys(value);
  const entries = keys.map((key): [string, Parameter] => [key, listed(value[key] as Parameter)]);
  return keys.length > 0 && keys.every((key, i) => key === String(i))
    ? entries.map(([, each]) => each)
    : Object.fromEntries(entries);
}

/** Texts of a list, of a map's values, or of a single one. */
export function texts(value: Parameter | undefined): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.map((each) => String(each));
  if (typeof value === 'object') return Object.values(value).map((each) => String(each));
  return [String(value)];
}

export const entriesOf = (value: Parameter | undefined): ReadonlyArray<[string, Parameter]> =>
  isHolder(value) ? Object.entries(value) : Array.isArray(value) ? value.map((each, i) => [String(i), each]) : [];

import { storedName, type DatasetDefinition } from '@freshet/domain';
import { LineCounter, parseDocument, type Document } from 'yaml';
import { datasetSchema, type DatasetYaml } from './dataset-schema';
import { knownKeys } from './json-schema';
import { contradictionsOfSeries } from './series-contradictions';
import { suggest } from './suggest';
import { resourceName, toDefinition } from './to-definition';

/** One thing wrong with a file: where in it, and what. */
export interface Mistake {
  readonly file: string;
  readonly line: number | null;
  /** For example `resources[2].columns[4].type`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

export type ReadResult = { readonly definition: DatasetDefinition } | { readonly mistakes: readonly Mistake[] };

type Path = ReadonlyArray<PropertyKey>;

/** Reads the text of one dataset file. Every mistake of the file is found in one go. */
export function readDataset(file: string, text: string): ReadResult {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const mistake = (path: Path, message: string): Mistake => ({
    file,
    line: lineOf(document, lines, path),
    path: show(path),
    message,
  });
  if (document.errors.length > 0) {
    return {
      mistakes: document.errors.map((error) => ({
        file,
        line: error.linePos?.[0].line ?? null,
        path: '',
        message: firstLine(error.message),
      })),
    };
  }
  const content = contentOf(document);
  if ('refused' in content) return { mistakes: [mistake([], content.refused)] };
  const parsed = datasetSchema.safeParse(content.value);
  if (!parsed.success) {
    return { mistakes: flatten(parsed.error.issues).map(({ path, message }) => mistake(path, message)) };
  }
  const contradictions = [...contradictionsOf(parsed.data)].map(({ path, message }) => mistake(path, message));
  return contradictions.length > 0 ? { mistakes: contradictions } : { definition: toDefinition(parsed.data) };
}

/** The library gives up on references that multiply (a file of a kilobyte can stand for gigabytes). */
function contentOf(document: Document): { readonly value: unknown } | { readonly refused: string } {
  try {
    return { value: document.toJS() };
  } catch (error) {
    return { refused: error instanceof Error ? error.message : String(error) };
  }
}

interface Found {
  readonly path: Path;
  readonly message: string;
}

interface Issue {
  readonly code?: string;
  readonly path: Path;
  readonly message: string;
  readonly keys?: readonly string[];
  readonly errors?: ReadonlyArray<ReadonlyArray<Issue>>;
}

/** Unknown keys become one mistake each; of a choice between shapes, the shape that was nearly met says what is wrong. */
function flatten(issues: readonly Issue[], prefix: Path = []): Found[] {
  return issues.flatMap((issue): Found[] => {
    const path = [...prefix, ...issue.path];
    if (issue.code === 'unrecognized_keys')
      return (issue.keys ?? []).map((key) => ({ path: [...path, key], message: unknownKey(key, path.length === 0) }));
    if (issue.code === 'invalid_union' && issue.errors?.length) {
      const shapes = issue.errors.map((shape) => flatten(shape, path));
      const nearest = shapes.filter((shape) => !shape.some((found) => found.path.length === path.length));
      const [only] = nearest.sort((a, b) => a.length - b.length);
      return (
        only ?? [{ path, message: issue.message === 'Invalid input' ? 'none of the accepted forms' : issue.message }]
      );
    }
    return [{ path, message: issue.message }];
  });
}

function unknownKey(key: string, ofDataset: boolean): string {
  const meant = (ofDataset && suggest(key, Object.keys(datasetSchema.shape))) || suggest(key, knownKeys());
  return meant && meant !== key ? `unknown key; did you mean "${meant}"?` : 'this key is not known here';
}

const RESERVED: ReadonlySet<string> = new Set(['_generation', '_chunk', '_row', '_verbatim']);

/** What the schema cannot say: references to columns that are not there, and names that meet in the database. */
function* contradictionsOf(yaml: DatasetYaml): Generator<Found> {
  yield* repeated(
    yaml.resources.map(resourceName),
    (index) => ['resources', index, 'name'],
    'another resource has this name',
  );
  yield* repeated(
    yaml.resources.map((resource) => resource.member.toLowerCase()),
    (index) => ['resources', index, 'member'],
    'another resource reads this member',
  );
  if (yaml.access.every((way) => 'api' in way && way.api === 'none'))
    yield { path: ['access'], message: 'no way is left to reach the publisher' };
  yield* contradictionsOfSeries(yaml);
  for (const [at, resource] of yaml.resources.entries()) {
    const names = resource.columns.map((column) => (typeof column === 'string' ? column : column.name));
    yield* repeated(
      names.map(storedName),
      (index) => ['resources', at, 'columns', index],
      'another column is stored under the same name',
    );
    for (const [index, name] of names.entries()) {
      if (RESERVED.has(storedName(name)) || /^_*$/.test(storedName(name))) {
        yield {
          path: ['resources', at, 'columns', index],
          message: `${name} cannot be stored: its name is kept for positions, or empty`,
        };
      }
    }
    yield* checksThatCannotBe(resource, at);
    for (const [index, name] of resource.key.entries()) {
      if (names.includes(name)) continue;
      const meant = suggest(name, names);
      yield {
        path: ['resources', at, 'key', index],
        message: `no column is named ${name}${meant ? `; did you mean ${meant}?` : ''}`,
      };
    }
  }
}

const CHECKED_TYPES: Readonly<Record<string, readonly string[]>> = {
  range: ['integer', 'decimal'],
  pattern: ['text'],
  maxLength: ['text'],
  oneOf: ['text', 'integer', 'decimal'],
};

function* checksThatCannotBe(resource: DatasetYaml['resources'][number], at: number): Generator<Found> {
  for (const [index, column] of resource.columns.entries()) {
    if (typeof column === 'string') continue;
    for (const [number, check] of column.checks.entries()) {
      const path = ['resources', at, 'columns', index, 'checks', number];
      const types = CHECKED_TYPES[check.kind] ?? [];
      if (!types.includes(column.type))
        yield { path, message: `${check.kind} is for ${types.join(' and ')}, this column is ${column.type}` };
      if (check.kind !== 'range') continue;
      if (check.min === undefined && check.max === undefined) yield { path, message: 'a range needs min, max or both' };
      if ((check.min ?? -Infinity) > (check.max ?? Infinity)) yield { path, message: 'min is above max' };
    }
  }
}

function* repeated(names: readonly string[], path: (index: number) => Path, message: string): Generator<Found> {
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) < index) yield { path: path(index), message: `${message}: ${name}` };
  }
}

const firstLine = (text: string): string => text.split('\n', 1)[0]?.replace(/:$/, '') ?? text;

const show = (path: Path): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');

/** Line of the nearest thing on `path` that is in the file. */
function lineOf(document: Document, lines: LineCounter, path: Path): number | null {
  for (let length = path.length; length > 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (node !== null && typeof node === 'object' && 'range' in node && Array.isArray(node.range)) {
      return lines.linePos(node.range[0] as number).line;
    }
  }
  return null;
}

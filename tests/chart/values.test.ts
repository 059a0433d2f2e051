import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMap, type Node } from 'yaml';
import { CHART, CI, describeWithHelm, render, ROOT } from './helm';
import { leaves, resolved, schema, valuesYaml, type Schema } from './values';

describe('values.schema.json', () => {
  it('declares exactly the values of values.yaml', () => {
    const inFile = leaves().map(({ key }) => key);
    const inSchema = declared(schema).filter((key) => key !== 'global');
    const covers = (outer: string, inner: string): boolean => inner === outer || inner.startsWith(`${outer}.`);
    const missing = (keys: readonly string[], from: readonly string[]): string[] =>
      keys.filter((key) => !from.some((other) => covers(other, key) || covers(key, other)));
    expect({ inSchema: missing(inFile, inSchema), inFile: missing(inSchema, inFile) }).toEqual({
      inSchema: [],
      inFile: [],
    });
  });

  it('refuses unknown keys in every object of declared keys', () => {
    const open: string[] = [];
    const look = (node: Schema, path: string): void => {
      if (node.properties && node.additionalProperties !== false) open.push(path);
      for (const [key, inner] of Object.entries(node.properties ?? {})) look(inner, `${path}.${key}`);
    };
    look(schema, '');
    for (const [name, node] of Object.entries(schema.$defs)) look(node, name);
    expect(open).toEqual([]);
  });
});

describe('generated files of the chart', () => {
  it.each([
    ['README.md', 'chart-readme.mjs'],
    ['files', 'chart-files.mjs'],
  ])('%s is what scripts/%s writes', (_, script) => {
    const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts', script), '--check'], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe('the templates', () => {
  it('use only values that values.yaml declares', () => {
    const used = readdirSync(join(CHART, 'templates'), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(yaml|tpl|txt)$/.test(name))
      .flatMap((name) => pathsIn(readFileSync(join(CHART, 'templates', name), 'utf8')));
    expect(used.length).toBeGreaterThan(100);
    expect([...new Set(used)].filter((path) => !has(valuesYaml, path.split('.')))).toEqual([]);
  });
});

describeWithHelm('unknown values', () => {
  it.each([
    [{ nonsense: 1 }, /nonsense/],
    [{ 'services.parser.replica': 3 }, /replica/],
    [{ 'kafka.tls.ca': 'x' }, /'ca'/],
    [{ 'services.parsers': {} }, /parsers/],
    [{ 'datasets.credentials': { KEY: { secret: 'a', key: 'b', value: 'c' } } }, /value/],
  ])('are refused: %j', (set, message) => {
    expect(() => render([CI.default], set)).toThrow(message);
  });

  it('do not include `global`, which Helm sets where the chart is a dependency', () => {
    expect(render([CI.default], { 'global.example': 1 })).toEqual(render([CI.default]));
  });
});

/** Keys that the schema declares; below a service, the keys of `defaults` are not repeated. */
function declared(node: Schema, prefix: readonly string[] = []): string[] {
  const { properties } = resolved(node);
  if (!properties) return [prefix.join('.')];
  return Object.entries(properties).flatMap(([key, inner]) =>
    prefix[0] === 'services' && prefix.length === 2 ? [prefix.join('.')] : declared(inner, [...prefix, key]),
  );
}

const ASSIGNMENT = /(range \$\w+, )?(\$\w+) := ((?:\$\w*|\.root)?\.?[\w.]*Values[\w.]*|\$values[\w.]*) /g;
const REFERENCE = /(?<![\w.])(\$\w*(?:\.\w+)+|\.(?:root\.)?Values(?:\.\w+)+)/g;

/** Paths of values in a template, with its variables followed. */
function pathsIn(template: string): string[] {
  const aliases = new Map(['.Values', '.root.Values', '$.Values', '$root.Values'].map((alias) => [alias, '']));
  const expanded = (reference: string): string | undefined => {
    for (const [alias, path] of [...aliases].sort(([a], [b]) => b.length - a.length))
      if (reference === alias || reference.startsWith(`${alias}.`))
        return [path, reference.slice(alias.length + 1)].filter(Boolean).join('.');
    return undefined;
  };
  for (const [, each, name = '', reference = ''] of template.matchAll(ASSIGNMENT)) {
    const path = expanded(reference);
    // The variable of a range over a map stands for any of its values.
    if (path !== undefined) aliases.set(name, each ? `${path}.*` : path);
  }
  aliases.set('$service', 'defaults');
  return [...template.matchAll(REFERENCE)]
    .map(([reference]) => expanded(reference))
    .filter((path): path is string => path !== undefined && path !== '');
}

function has(node: Node | null, [first, ...rest]: readonly string[]): boolean {
  if (first === undefined) return true;
  if (!isMap(node)) return false;
  const value = first === '*' ? node.items[0]?.value : node.get(first, true);
  return value !== undefined && (rest.length === 0 || has(value as Node, rest));
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMap, isScalar, parse, parseDocument, type Node } from 'yaml';
import { CHART } from './helm';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface Schema {
  readonly $ref?: string;
  readonly additionalProperties?: boolean | object;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly enum?: readonly Json[];
}

export const schema = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8')) as Schema & {
  readonly $defs: Readonly<Record<string, Schema>>;
};
export const resolved = (node: Schema): Schema =>
  node.$ref ? (schema.$defs[node.$ref.split('/').at(-1) ?? ''] ?? {}) : node;

export const valuesYaml = parseDocument(readFileSync(join(CHART, 'values.yaml'), 'utf8')).contents;

export interface Leaf {
  readonly path: readonly string[];
  readonly key: string;
}

/** What can be set in values.yaml: `image.tag`; a map without keys, such as `env`, is one value. */
export function leaves(node: Node | null = valuesYaml, prefix: readonly string[] = []): Leaf[] {
  if (isMap(node) && node.items.length > 0)
    return node.items.flatMap(({ key, value }) =>
      leaves(value as Node, [...prefix, String(isScalar(key) ? key.value : key)]),
    );
  return [{ path: prefix, key: prefix.join('.') }];
}

export const valueAt = (root: Json, path: readonly string[]): Json | undefined =>
  path.reduce<Json | undefined>(
    (node, part) => (typeof node === 'object' && node !== null ? (node as Record<string, Json>)[part] : undefined),
    root,
  );

/** A values file on top of values.yaml. */
export function effective(file: string): (path: readonly string[]) => Json {
  const given = parse(readFileSync(file, 'utf8')) as Json;
  const defaults = valuesYaml?.toJSON() as Json;
  return (path) => valueAt(given, path) ?? valueAt(defaults, path) ?? null;
}

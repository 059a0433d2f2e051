import { z } from 'zod';
import { datasetSchema } from './dataset-schema';

/** JSON Schema of a dataset file, for editors and other tools; generated, never written by hand. */
export function datasetJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(datasetSchema, { io: 'input', target: 'draft-2020-12' });
  return {
    ...schema,
    $id: 'https://freshet.dev/schema/dataset.schema.json',
    title: 'Freshet dataset',
    description: 'What one refresh produces: where it comes from, what is in it, when it runs and what must hold.',
  };
}

/** The file as it is committed. */
export const datasetJsonSchemaText = (): string => `${JSON.stringify(datasetJsonSchema(), null, 2)}\n`;

let keys: ReadonlySet<string> | undefined;

/** Every key that may appear anywhere in a dataset file. */
export function knownKeys(): ReadonlySet<string> {
  if (!keys) {
    const found = new Set<string>();
    collect(datasetJsonSchema(), found);
    keys = found;
  }
  return keys;
}

function collect(node: unknown, found: Set<string>): void {
  if (node === null || typeof node !== 'object') return;
  if ('properties' in node && node.properties !== null && typeof node.properties === 'object') {
    for (const key of Object.keys(node.properties)) found.add(key);
  }
  for (const value of Object.values(node)) collect(value, found);
}

/** `npm run schema -w @freshet/catalog`: writes the JSON Schema of dataset files again. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { datasetJsonSchemaText } from './json-schema';

const target = join(__dirname, '..', 'schema', 'dataset.schema.json');
mkdirSync(dirname(target), { recursive: true });
writeFileSync(target, datasetJsonSchemaText());

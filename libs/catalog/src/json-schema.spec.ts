import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import { parse } from 'yaml';
import { datasetJsonSchema, datasetJsonSchemaText } from './json-schema';

const committed = join(__dirname, '..', 'schema', 'dataset.schema.json');
const builtIn = join(__dirname, '..', 'datasets', 'bsee');

describe('JSON Schema of dataset files', () => {
  it('is committed as it is generated (npm run schema -w @freshet/catalog)', () => {
    expect(readFileSync(committed, 'utf8')).toBe(datasetJsonSchemaText());
  });

  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(datasetJsonSchema());

  it.each(readdirSync(builtIn))('accepts %s', (file) => {
    validate(parse(readFileSync(join(builtIn, file), 'utf8')));
    expect(validate.errors).toBeNull();
  });

  it('refuses keys it does not know', () => {
    const well = parse(readFileSync(join(builtIn, 'well.yaml'), 'utf8')) as object;
    expect(validate({ ...well, maxage: '30h' })).toBe(false);
  });
});

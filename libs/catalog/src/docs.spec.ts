import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { knownKeys } from './json-schema';
import { readDataset } from './read-dataset';

const docs = join(__dirname, '..', '..', '..', 'docs');
const read = (name: string): string => readFileSync(join(docs, name), 'utf8');

describe('documentation of dataset files', () => {
  it.each([...knownKeys()])('explains %s', (key) => {
    expect(read('reference/datasets.md')).toMatch(new RegExp(`[\`{ ]${key}(\`|:)`));
  });

  it('has an example in the guide that can be loaded as it stands', () => {
    const [, example = ''] = /```yaml\n([^]*?)```/.exec(read('guides/add-a-dataset.md')) ?? [];
    expect(readDataset('deep-water.yaml', example)).toMatchObject({ definition: { id: 'bsee.deep-water' } });
  });
});

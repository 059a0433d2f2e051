import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { documentationWorld } from './documentation-world';
import { createProgram } from './program';
import { referencePage } from './reference';

describe('docs/reference/cli.md', () => {
  it('is what the command says about itself (otherwise: node services/cli/dist/write-reference.js)', () => {
    const page = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'reference', 'cli.md'), 'utf8');
    expect(page).toBe(referencePage(createProgram(documentationWorld, () => undefined)));
  });
});

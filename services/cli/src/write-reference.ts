import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createProgram } from './program';
import { referencePage } from './reference';
import { documentationWorld } from './documentation-world';

/** Beside `src` and `dist` alike. */
const PAGE = join(__dirname, '..', '..', '..', 'docs', 'reference', 'cli.md');

writeFileSync(PAGE, referencePage(createProgram(documentationWorld, () => undefined)));

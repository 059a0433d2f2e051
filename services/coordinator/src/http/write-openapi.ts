/** `npm run openapi -w @freshet/coordinator-service`: writes the description of the control API again. */
import 'reflect-metadata';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiDocumentText } from './api-document';

void apiDocumentText().then((text) => writeFileSync(join(__dirname, '..', '..', 'openapi.json'), text));

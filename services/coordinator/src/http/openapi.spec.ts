import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiDocumentText } from './api-document';

describe('the description of the control API', () => {
  it('is committed as it is generated (npm run openapi -w @freshet/coordinator-service)', async () => {
    expect(await apiDocumentText()).toBe(readFileSync(join(__dirname, '..', '..', 'openapi.json'), 'utf8'));
  });

  it('names a schema, an answer and its problems for every route', async () => {
    const { paths, components } = JSON.parse(await apiDocumentText()) as {
      paths: Record<string, Record<string, { summary?: string; responses: Record<string, unknown> }>>;
      components: { schemas: Record<string, unknown> };
    };
    const routes = Object.values(paths).flatMap((methods) => Object.values(methods));
    expect(routes).toHaveLength(25);
    for (const { summary, responses } of routes) {
      expect(summary).toBeTruthy();
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(['401', '403', '503']));
    }
    expect(Object.keys(components.schemas)).toContain('Problem');
  });
});

import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCatalog } from './load-catalog';

const dataset = (id: string, resource: string, title = 'Things'): string => `
id: ${id}
title: ${title}
access: [{ url: 'https://example.org/things.zip' }]
maxAge: 1d
resources: [{ name: ${resource}, member: ${resource}.txt, columns: [A] }]
`;

describe('loadCatalog', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'freshet-catalog-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('adds the datasets of a further folder, and replaces built-in ones of the same id', () => {
    mkdirSync(join(folder, 'deep'));
    writeFileSync(join(folder, 'deep', 'things.yml'), dataset('demo.things', 'things'));
    writeFileSync(join(folder, 'well.yaml'), dataset('bsee.well', 'mine', 'My wells'));
    const catalog = loadCatalog({ extraFolder: folder });
    const builtIn = loadCatalog().all();
    expect(catalog.all().map((entry) => entry.id)).toEqual([...builtIn.map((entry) => entry.id), 'demo.things'].sort());
    expect(catalog.get('bsee.well').title).toBe('My wells');
  });

  it('passes over what a mounted ConfigMap keeps beside its links, and over other files', () => {
    mkdirSync(join(folder, '..data'));
    writeFileSync(join(folder, '..data', 'things.yaml'), 'not: read');
    writeFileSync(join(folder, 'README.md'), '# not read');
    expect(loadCatalog({ extraFolder: folder }).all()).toHaveLength(loadCatalog().all().length);
  });

  it('lists the mistakes of every file together', () => {
    writeFileSync(join(folder, 'a.yaml'), dataset('demo.a', 'a').replace('maxAge: 1d', 'maxAge: soon'));
    writeFileSync(join(folder, 'b.yaml'), dataset('demo.b', 'b').replace('title', 'titel'));
    expect(() => loadCatalog({ extraFolder: folder })).toThrow(
      expect.objectContaining({
        code: 'definition_invalid',
        message: expect.stringMatching(/3 mistakes[^]*a\.yaml:5 maxAge[^]*b\.yaml/),
      }),
    );
  });

  it('refuses an id defined twice in one folder, and resources of one source with the same name', () => {
    writeFileSync(join(folder, 'a.yaml'), dataset('demo.a', 'a'));
    writeFileSync(join(folder, 'b.yaml'), dataset('demo.a', 'a'));
    expect(() => loadCatalog({ extraFolder: folder })).toThrow('demo.a is already defined in a.yaml');
    writeFileSync(join(folder, 'b.yaml'), dataset('demo.b', 'a'));
    expect(() => loadCatalog({ extraFolder: folder })).toThrow('a is already a resource of demo.a');
  });

  it('says which folder cannot be read', () => {
    expect(() => loadCatalog({ extraFolder: join(folder, 'nowhere') })).toThrow('nowhere');
  });
});

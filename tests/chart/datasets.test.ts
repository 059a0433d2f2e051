import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCatalog, type Catalog } from '@freshet/catalog';
import { CI, describeWithHelm, named, render } from './helm';

const WELLS =
  'id: acme.wells\ntitle: Wells\naccess: [{ url: https://a.example/w.zip }]\nmaxAge: 8d\nresources: [{ member: w.csv, columns: [W] }]\n';

describeWithHelm('the ConfigMap of definitions', () => {
  const folders: string[] = [];
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  const data = (set = {}): Readonly<Record<string, string>> =>
    named(render([CI.default], set), 'ConfigMap', 'freshet-datasets').data ?? {};
  /** As a service loads it: the built-in definitions, and the mounted ones over them. */
  const mounted = (set = {}): Catalog => {
    const folder = mkdtempSync(join(tmpdir(), 'freshet-chart-'));
    folders.push(folder);
    for (const [name, text] of Object.entries(data(set))) writeFileSync(join(folder, name), text);
    return loadCatalog({ extraFolder: folder });
  };

  it('gives services the definitions of the catalog', () => {
    expect(Object.keys(data())).toHaveLength(loadCatalog().all().length);
    expect(mounted().all()).toEqual(loadCatalog().all());
  });

  it("adds the user's definitions", () => {
    const catalog = mounted({ 'datasets.extra': { 'wells.yaml': WELLS } });
    expect(catalog.all()).toEqual(expect.arrayContaining([...loadCatalog().all()]));
    expect(catalog.get('acme.wells').title).toBe('Wells');
  });

  it("replaces a built-in definition by the user's of the same id, under whatever file name", () => {
    const own = { 'mine.yaml': WELLS.replace('acme.wells', 'bsee.well') };
    expect(Object.keys(data({ 'datasets.extra': own }))).not.toContain('bsee.well.yaml');
    expect(mounted({ 'datasets.extra': own }).get('bsee.well').title).toBe('Wells');
  });

  it('refuses a file name that belongs to a built-in definition of another dataset', () => {
    expect(() => data({ 'datasets.extra': { 'bsee.well.yaml': WELLS } })).toThrow(/choose another file name/);
  });

  describe('with simulators', () => {
    const set = { 'simulators.enabled': true };

    it('leads to them alone, and to nothing real', () => {
      for (const { id, access, allowPrivateHosts } of mounted(set).all()) {
        const port = id.startsWith('bsee.') ? 8081 : 8082;
        const urls = access.map((way) => ('url' in way ? way.url : way.page));
        expect(urls.length).toBeGreaterThan(0);
        for (const url of urls) expect(url).toMatch(new RegExp(`^http://freshet-simulators:${port}/`));
        expect(allowPrivateHosts).toEqual(['freshet-simulators']);
      }
    });

    it('changes nothing that decides what is stored', () => {
      const versions = (catalog: Catalog) => catalog.all().map(({ id, contentVersion }) => [id, contentVersion]);
      expect(versions(mounted(set))).toEqual(versions(loadCatalog()));
    });

    it('leaves definitions of other publishers as they are', () => {
      const catalog = mounted({ ...set, 'datasets.extra': { 'wells.yaml': WELLS } });
      expect(catalog.get('acme.wells')).toMatchObject({
        allowPrivateHosts: [],
        access: [{ url: 'https://a.example/w.zip' }],
      });
    });
  });
});

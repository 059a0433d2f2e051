import { FreshetError } from '@freshet/domain';
import { loadCatalog } from './load-catalog';
import { resourceOf } from './catalog';

const failure = (run: () => unknown): FreshetError => {
  try {
    run();
  } catch (error) {
    if (error instanceof FreshetError) return error;
  }
  throw new Error('expected a FreshetError');
};

describe('Catalog', () => {
  const catalog = loadCatalog();

  it('finds one dataset by id and all of a source by its name', () => {
    expect(catalog.find('bsee.war').map((entry) => entry.id)).toEqual(['bsee.war']);
    expect(catalog.find('bsee').map((entry) => entry.id)).toEqual(['bsee.production', 'bsee.war', 'bsee.well']);
  });

  it('suggests what a mistyped id may have meant', () => {
    expect(failure(() => catalog.get('bsee.wel')).message).toContain('did you mean bsee.well?');
    expect(failure(() => catalog.find('bse')).message).toContain('did you mean bsee?');
    expect(failure(() => catalog.get('something.else')).message).not.toContain('did you mean');
    expect(failure(() => catalog.get('something.else')).nextStep).toContain('bsee.production, bsee.war, bsee.well');
  });

  it('gives a definition only in the version a run was planned with', () => {
    const well = catalog.get('bsee.well');
    expect(catalog.getVersion('bsee.well', well.contentVersion)).toBe(well);
    const error = failure(() => catalog.getVersion('bsee.well', '0'.repeat(64)));
    expect([error.code, error.kind]).toEqual(['definition_unknown', 'transient']);
  });

  it('names the resources of a dataset when one is not there', () => {
    expect(failure(() => resourceOf(catalog.get('bsee.production'), 'nothing')).nextStep).toContain(
      'mv_productiondata',
    );
  });
});

import type { PublisherCode } from '@freshet/domain';
import { canonicalName, nearest } from './names';

const code = (name: string, ...aliases: string[]): PublisherCode => ({ code: name, name, aggregate: false, aliases });
const CODES = [code('CISO', 'CAISO'), code('ERCO', 'ERCOT'), code('SWPP', 'SPP'), code('ISNE', 'ISO-NE'), code('NE')];

describe('names of series', () => {
  it.each([
    ['CAISO.demand', 'CISO.demand'],
    ['caiso.fuel.NG', 'CISO.fuel.NG'],
    ['ERCOT-SPP.interchange', 'ERCO-SWPP.interchange'],
    ['ISO-NE.demand', 'ISNE.demand'],
    ['ISO-NE-CAISO.interchange', 'ISNE-CISO.interchange'],
    ['CISO.demand', 'CISO.demand'],
    ['XYZ-CAISO.interchange', 'XYZ-CAISO.interchange'],
    ['nothing', 'nothing'],
  ])('%s stands for %s', (typed, name) => expect(canonicalName(CODES, typed)).toBe(name));

  it('that are mistyped lead to the nearest ones', () => {
    const known = ['PJM.demand', 'PJM.forecast', 'CISO.demand', 'CISO.fuel.NG', 'MISO.demand'];
    expect(nearest('PJM.demnd', known)[0]).toBe('PJM.demand');
    expect(nearest('CIS.demand', known).slice(0, 2).sort()).toEqual(['CISO.demand', 'MISO.demand']);
    expect(nearest('quite something else', known)).toEqual([]);
    expect(nearest('PJM.demand'.repeat(10), ['PJM.demand'.repeat(10)])).toEqual([]);
  });
});

import { resolveCode } from './codes';
import type { DatasetDefinition } from './definition';

const definition = {
  id: 'demo.hourly',
  paging: {
    select: {
      name: 'respondent',
      values: ['PJM'],
      codes: [
        { code: 'PJM', name: 'PJM Interconnection', aggregate: false, aliases: [] },
        { code: 'CISO', name: 'California ISO', aggregate: false, aliases: ['CAISO'] },
      ],
    },
  },
} as unknown as Pick<DatasetDefinition, 'id' | 'paging'>;

describe('a code', () => {
  it('is found by itself and by its aliases, in any case, alone or after what it is a code of', () => {
    expect(
      ['pjm', 'caiso', 'respondent=CISO', 'Respondent= CAISO '].map((typed) => resolveCode(definition, typed)),
    ).toEqual(['PJM', 'CISO', 'CISO', 'CISO']);
  });

  it('that nobody knows is refused with what may have been meant', () => {
    expect(() => resolveCode(definition, 'respondent=PJN')).toThrow(
      'demo.hourly knows no respondent "PJN"; did you mean PJM (PJM Interconnection)?',
    );
  });

  it('of something else is refused', () => {
    expect(() => resolveCode(definition, 'fuel=PJM')).toThrow(
      'demo.hourly is selected from by respondent, not by "fuel"',
    );
  });

  it('means nothing to a dataset that cannot be selected from', () => {
    expect(() => resolveCode({ id: definition.id, paging: null }, 'PJM')).toThrow(
      'demo.hourly knows no selection "PJM"',
    );
  });
});

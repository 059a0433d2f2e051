import type { DatasetDefinition } from '@freshet/domain';
import { Publishers, type Publisher } from './publisher';

const snapshots: Publisher = {
  mode: 'snapshot',
  publish: () => Promise.resolve({ outcome: 'published', generation: 1 }),
};

describe('publishers', () => {
  it('are found by the mode of a dataset', () => {
    expect(new Publishers([snapshots]).get('snapshot')).toBe(snapshots);
  });

  it('refuse to start with a definition of a mode that nobody publishes', () => {
    const publishers = new Publishers([snapshots]);
    const of = (mode: string): DatasetDefinition => ({ mode }) as DatasetDefinition;
    expect(publishers.check([of('snapshot')])).toBe(publishers);
    expect(() => publishers.check([of('snapshot'), of('timeseries')])).toThrow(
      expect.objectContaining({ code: 'definition_invalid', nextStep: 'Use one of: snapshot.' }),
    );
  });
});

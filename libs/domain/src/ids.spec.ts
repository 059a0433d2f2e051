import { datasetId, isUuid, runId, sourceOf, taskId } from './ids';

describe('identifiers', () => {
  it.each(['bsee.well', 'iso-ne.fuel-mix', 'eia.a1'])('%s is a dataset id', (id) => {
    expect(datasetId(id)).toBe(id);
  });

  it.each(['bsee', 'bsee.', '.well', 'BSEE.well', 'bsee.well.x', '1bsee.well', 'bsee well', ''])('%j is not', (id) => {
    expect(() => datasetId(id)).toThrow(RangeError);
  });

  it('run and task ids are UUIDs', () => {
    const id = '0b6b4c1e-6b0e-4a0e-9a3f-2f6d3a0f1c11';
    expect(isUuid(id)).toBe(true);
    expect(runId(id)).toBe(id);
    expect(taskId(id.toUpperCase())).toBe(id.toUpperCase());
    expect(() => runId('latest')).toThrow(/run id/);
    expect(() => taskId('')).toThrow(/task id/);
  });

  it('the source is what stands before the dot', () => {
    expect(sourceOf(datasetId('iso-ne.fuel-mix'))).toBe('iso-ne');
  });
});

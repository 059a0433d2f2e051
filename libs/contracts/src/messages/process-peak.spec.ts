import { ProcessPeaks } from './process-peak';

const MIB = 1024 * 1024;

describe('ProcessPeaks', () => {
  const peaks = (): { of: ProcessPeaks; set(bytes: number): void } => {
    let peak = 0;
    return { of: new ProcessPeaks({ service: 'parser', instance: 'one' }, () => peak), set: (bytes) => (peak = bytes) };
  };

  it('tells the peak once a run, and again when it has grown', () => {
    const { of, set } = peaks();
    set(100 * MIB);
    expect(of.after('a')).toEqual({
      type: 'process.peak',
      runId: 'a',
      service: 'parser',
      instance: 'one',
      peakRssBytes: 100 * MIB,
    });
    set(103 * MIB);
    expect(of.after('a')).toBeNull();
    expect(of.after('b')?.peakRssBytes).toBe(103 * MIB);
    set(104 * MIB);
    expect([of.after('a')?.peakRssBytes, of.after('b')]).toEqual([104 * MIB, null]);
  });

  it('remembers a bounded number of runs', () => {
    const { of } = peaks();
    for (let run = 0; run < 40; run++) of.after(String(run));
    expect([of.after('39'), of.after('0')?.runId]).toEqual([null, '0']);
  });
});

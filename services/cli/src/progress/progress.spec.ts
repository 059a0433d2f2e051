import { runView } from '../testing/fake-coordinator';
import { Estimator, shareDone } from './estimate';
import { barLine, phase, plainLine } from './line';

const progress = {
  bytesReceived: 50,
  bytesExpected: 100,
  chunksCut: 10,
  chunksLoaded: 5,
  rowsLoaded: 1000,
  rowsRefused: 0,
};
const running = (changes: Partial<typeof progress> = {}, more: Parameters<typeof runView>[0] = {}) =>
  runView({ state: 'running', taskState: 'leased', progress: { ...progress, ...changes }, ...more });

describe('shareDone', () => {
  it('is the loaded part of what was cut, of the part that has arrived', () => {
    expect(shareDone(running())).toBe(0.25);
    expect(shareDone(running({}, { taskState: 'fetched' }))).toBe(0.5);
    expect(shareDone(running({}, { state: 'publishing' }))).toBe(1);
  });
  it('is unknown when the publisher did not say how much comes, and 0 before the first chunk', () => {
    expect(shareDone(running({ bytesExpected: 0 }))).toBeNull();
    expect(shareDone(running({ chunksCut: 0, chunksLoaded: 0 }))).toBe(0);
  });
});

describe('a report that is behind what is loaded already', () => {
  const ahead = running({ chunksCut: 721, chunksLoaded: 740 });
  it('never shows more loaded than cut', () => {
    expect(shareDone(ahead)).toBe(0.5);
    expect(plainLine(ahead, { share: 0.5, rowsPerSecond: null, secondsLeft: null })).toContain('740/740 chunks');
  });
  it('is not all of it before the fetcher has said that it is at the end', () => {
    expect(shareDone(running({ bytesReceived: 100, chunksCut: 2, chunksLoaded: 2 }))).toBe(0.99);
  });
  it('does not say that the publisher is still being asked', () => {
    expect(phase(running({ bytesReceived: 0, chunksCut: 0 }))).toBe('fetching');
  });
});

describe('Estimator', () => {
  it('tells the time left from the share done since the start', () => {
    const estimator = new Estimator();
    estimator.update(running({ chunksLoaded: 0, rowsLoaded: 0 }), 0);
    expect(estimator.update(running(), 10_000).secondsLeft).toBeCloseTo(30);
  });
  it('keeps silent about the time left until it is more than a guess', () => {
    const estimator = new Estimator();
    estimator.update(running({ rowsLoaded: 0 }), 0);
    expect(estimator.update(running(), 1000).secondsLeft).toBeNull();
    expect(estimator.update(running({ chunksLoaded: 0 }), 60_000).secondsLeft).toBeNull();
  });
  it('smooths the rate of rows', () => {
    const estimator = new Estimator();
    expect(estimator.update(running({ rowsLoaded: 0 }), 0).rowsPerSecond).toBeNull();
    expect(estimator.update(running({ rowsLoaded: 1000 }), 1000).rowsPerSecond).toBe(1000);
    const after = estimator.update(running({ rowsLoaded: 1000 }), 2000).rowsPerSecond ?? 0;
    expect(after).toBeGreaterThan(700);
    expect(after).toBeLessThan(1000);
  });
  it('starts again with a new attempt', () => {
    const estimator = new Estimator();
    estimator.update(running({ rowsLoaded: 0 }), 0);
    estimator.update(running(), 10_000);
    expect(estimator.update(running({ rowsLoaded: 0 }, { attempt: 2 }), 11_000)).toMatchObject({
      rowsPerSecond: null,
      secondsLeft: null,
    });
  });
});

describe('progress lines', () => {
  const estimate = { share: 0.25, rowsPerSecond: 18_400, secondsLeft: 72 };
  const run = running({ bytesReceived: 30_000_000, bytesExpected: 124_000_000, rowsLoaded: 120_233, rowsRefused: 3 });

  it('show everything where there is room', () => {
    expect(barLine(run, estimate, 160, 15)).toBe(
      'bsee.well        [========                      ]   25 %  fetching  30.0 MB of 124.0 MB  120,233 rows  01:12 left  18,400 rows/s  5/10 chunks  3 refused',
    );
  });
  it('leave the least important parts out when it is narrow, and never grow wider', () => {
    expect(barLine(run, estimate, 70, 9)).toMatch(
      /^bsee\.well {2}\[==+ +\] {3}25 % {2}fetching {2}30\.0 MB of 124\.0 MB$/,
    );
    for (let width = 20; width < 160; width += 1)
      expect(barLine(run, estimate, width, 9).length).toBeLessThanOrEqual(width);
  });
  it('show a question mark for an unknown share', () => {
    expect(barLine(run, { ...estimate, share: null }, 60, 9)).toContain(']    ?    fetching');
  });
  it('name the phase', () => {
    expect(phase(runView({ state: 'queued' }))).toBe('queued');
    expect(phase(running({ bytesReceived: 0, chunksLoaded: 0 }))).toBe('asking');
    expect(phase(running({}, { taskState: 'waiting', attempt: 2 }))).toBe('waiting (attempt 2)');
    expect(phase(running({}, { taskState: 'fetched' }))).toBe('loading');
  });
  it('read as a sentence in a log', () => {
    expect(plainLine(run, estimate)).toBe(
      'bsee.well: fetching, 25 %, 30.0 MB of 124.0 MB, 120,233 rows, 01:12 left, 18,400 rows/s, 5/10 chunks, 3 refused',
    );
  });
});

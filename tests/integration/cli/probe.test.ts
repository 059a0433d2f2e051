import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSimulatedDefinitions } from '@freshet/testing/processes';
import { startBseePublisher, type BseePublisher } from '@freshet/testing/publishers';
import { freshet } from './freshet';

describe('freshet probe, on the simulated publisher', () => {
  jest.setTimeout(60_000);
  let publisher: BseePublisher;
  let folder: string;

  beforeAll(async () => {
    publisher = await startBseePublisher({ seed: 1, scale: 0.001 });
    await publisher.prepare();
  });
  afterAll(() => publisher.close());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'freshet-probe-'));
    writeSimulatedDefinitions(folder, publisher);
    // Doctor asks every publisher: nobody outside of this machine.
    writeSimulatedDefinitions(folder, { url: 'http://127.0.0.1:9', hosts: ['127.0.0.1:9'], source: 'eia' });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('needs no coordinator, finds what the publisher offers, and says what a refresh would use', async () => {
    const { code, out, err } = await freshet('probe bsee', { FRESHET_DATASETS_DIR: folder });
    expect(code).toBe(0);
    expect(err).toContain('nothing is downloaded');
    expect(out).toMatch(/^API: none found/m);
    for (const dataset of ['bsee.production', 'bsee.war', 'bsee.well'])
      expect(out).toMatch(new RegExp(`^${dataset}$`, 'm'));
    expect(out).toMatch(/would use +portal: http.*APDRawData\.zip/);
  });

  it('gives its findings as JSON, for one dataset', async () => {
    const { out } = await freshet('probe bsee.war --json', { FRESHET_DATASETS_DIR: folder });
    expect(JSON.parse(out)).toMatchObject({
      source: 'bsee',
      datasets: [{ dataset: 'bsee.war', access: { kind: 'portal' }, payload: { class: 'zip' } }],
    });
  });

  it('is what doctor asks in short: can each file be reached, and what to do if not', async () => {
    const { err, out } = await freshet('doctor', { FRESHET_DATASETS_DIR: folder });
    expect(out).toMatch(/^this machine +publisher of bsee\.war +ok +portal http.*eWellWARRawData\.zip/m);
    expect(publisher.requests.filter(({ bytes }) => bytes > 100_000)).toEqual([]);
    publisher.set('bsee.war', { kind: 'html' });
    const html = await freshet('doctor', { FRESHET_DATASETS_DIR: folder });
    publisher.set('bsee.war', null);
    expect(html.out).toMatch(/^this machine +publisher of bsee\.war +FAILED +payload_html/m);
    expect(err).not.toContain('stack');
  });

  it('exits with 1 when no way delivers, and with 2 for a name it does not know', async () => {
    writeSimulatedDefinitions(folder, { url: 'http://127.0.0.1:9', hosts: ['127.0.0.1:9'] });
    const down = await freshet('probe bsee.well', { FRESHET_DATASETS_DIR: folder });
    expect(down).toMatchObject({ code: 1, out: expect.stringMatching(/fails +connect_failed/) });
    const unknown = await freshet('probe bse', { FRESHET_DATASETS_DIR: folder });
    expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining('did you mean bsee?') });
  });
});

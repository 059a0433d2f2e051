import { UsageError } from '../exit';
import { readOriginalConfig } from './read';

/** The shape in use today, keys sorted as its writer sorts them. */
const CURRENT = `cache:
  enabled: true
  ttl_hours: 24
chunked_refresh: true
data:
  production: false
  war: true
  well: true
default:
  log_level: INFO
enhanced_mode: true
incremental_update: true
meta:
  basename: bsee
  library: worldenergydata
  mode: enhanced
processing:
  in_memory: true
  optimized: true
  parallel: true
`;

/** The first shape, with everything it configured. */
const FIRST = `meta: {library: worldenergydata, basename: bsee, mode: enhanced, description: fresh data}
enhanced_mode: True
data: {refresh: True, enhanced: True, fresh_data: True, well: True, war: False, production: False, apm: False}
sources:
  well: {url: "https://www.data.bsee.gov/Well/Files/APDRawData.zip", display_name: "Application for Permit to Drill", update_frequency: daily}
  portal: {url: "https://www.data.bsee.gov/Main/RawData.aspx"}
processing: {in_memory: True, save_zip: False, chunk_size: 8192, timeout: 300, max_retries: 3, retry_delay: 5}
memory: {max_file_size_mb: 500, warning_threshold_mb: 200}
output: {format: pickle, compression: None}
parameters:
  filepath:
    bin_dir: data/modules/bsee/bin
    well: {bin: data/modules/bsee/bin/apd}
default: {log_level: INFO, log_enhanced_details: True}
validation: {check_data_integrity: True}
monitoring: {track_download_time: True}
`;

const problem = (text: string): UsageError => {
  try {
    readOriginalConfig(text, 'c.yml');
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('it was accepted');
};
const mistakes = (text: string): readonly string[] => problem(text).details;

describe('readOriginalConfig', () => {
  it('reads the datasets of the current shape', () => {
    expect(readOriginalConfig(CURRENT, 'c.yml').datasets).toEqual(['bsee.well', 'bsee.war']);
  });

  it('says of every key without effect what Freshet does instead, and nothing of the others', () => {
    const notes = Object.fromEntries(
      readOriginalConfig(CURRENT, 'c.yml').notes.map(({ key, instead }) => [key, instead]),
    );
    expect(Object.keys(notes).sort()).toEqual([
      'cache.*',
      'chunked_refresh',
      'default.log_level',
      'incremental_update',
      'processing.in_memory',
      'processing.optimized',
      'processing.parallel',
    ]);
    expect(notes['default.log_level']).toBe('FRESHET_LOG_LEVEL of the service (npm start), and FRESHET_LOG_FILE');
  });

  it('reads the first shape with all its sections', () => {
    const { datasets, notes } = readOriginalConfig(FIRST, 'c.yml');
    expect(datasets).toEqual(['bsee.well']);
    const keys = notes.map(({ key }) => key);
    for (const key of [
      'data.fresh_data',
      'sources.*',
      'processing.timeout',
      'memory.*',
      'output.format',
      'parameters.filepath.*',
      'validation.*',
      'monitoring.*',
    ])
      expect(keys).toContain(key);
  });

  it('reads the shape with data.enhanced_refresh and no mode', () => {
    const text =
      'meta: {basename: bsee, library: worldenergydata}\ndata: {enhanced_refresh: True, well: True, production: True, war: False}\n';
    expect(readOriginalConfig(text, 'c.yml').datasets).toEqual(['bsee.well', 'bsee.production']);
  });

  it('reads what the engine writes into results, bookkeeping and Windows paths included', () => {
    const text = `basename: bsee\ntype: {data: false}\nsettings_master: ~\ndata_retrieval: {well: {zip: {a: b}}, block: ~}\nAnalysis: {log_folder: 'c:\\Users\\x'}\nbsee: {data: {refresh: true}}\n${CURRENT}`;
    expect(readOriginalConfig(text, 'c.yml').datasets).toEqual(['bsee.well', 'bsee.war']);
  });

  it('understands yes and on as PyYAML does', () => {
    expect(
      readOriginalConfig('meta: {mode: enhanced}\ndata: {well: yes, war: on, production: off}', 'c.yml').datasets,
    ).toEqual(['bsee.well', 'bsee.war']);
  });

  it('answers legacy mode with what to run instead', () => {
    const error = problem(
      'meta: {basename: bsee, library: worldenergydata}\ndata: {refresh: True, apm: True, production: True}',
    );
    expect(error.message).toBe('c.yml asks for the legacy mode, which reads zip files from data/modules/bsee/zip');
    expect(error.nextStep).toBe('For fresh data run: freshet refresh bsee.well bsee.production --wait');
    expect(error.details[0]).toContain('python tests/modules/bsee/data/refresh/data_refresh_test.py');
    expect(problem('meta: {mode: legacy}\ndata: {well: true}').nextStep).toBe(
      'For fresh data run: freshet refresh bsee.well --wait',
    );
  });

  it('names every mistake', () => {
    expect(
      mistakes('meta: {mode: enhanced, basename: bsee}\ndata: {well: maybe, prodution: true}\nchache: {enabled: true}'),
    ).toEqual([
      'data.prodution: unknown key; did you mean data.production?',
      'chache: unknown key; did you mean cache?',
      'data.well: "maybe" is not true or false',
    ]);
  });

  it.each([
    [
      'meta: {mode: enhanced}\ndata: {well: false}',
      'none of data.well, data.production and data.war is true: there is nothing to refresh',
    ],
    [
      'meta: {mode: enhanced}\ndata: {refresh: false, well: true}',
      'data.refresh is false: the file asks for no refresh; set it to true or remove it',
    ],
    ['meta: {mode: enhancd}\ndata: {well: true}', 'meta.mode: "enhancd" is not a mode; write enhanced'],
    [
      'meta: {mode: enhanced, basename: wind}\ndata: {well: true}',
      'meta.basename: "wind" is another module; this command reads files of bsee',
    ],
    [
      'enhanced_mode: true\ndata: {well: true}',
      'meta.mode is missing: the original takes such a file for legacy; write mode: enhanced under meta',
    ],
    [
      'data: {well: true}',
      'it names no mode: write mode: enhanced under meta (older files: enhanced_refresh: true under data)',
    ],
    ['meta: {mode: enhanced}\ndata: [well]', 'data: must be a mapping with well, production and war'],
  ])('explains %j', (text, mistake) => {
    expect(mistakes(text)).toContain(mistake);
  });

  it('refuses what is not such a file at all', () => {
    expect(problem('- a\n- b').message).toBe('c.yml is not a configuration: it must be a mapping of keys');
    expect(problem('a: [').message).toContain('c.yml is not valid YAML');
    expect(problem('meta: {mode: enhanced}\nmeta: {mode: legacy}').message).toContain('Map keys must be unique');
  });
});

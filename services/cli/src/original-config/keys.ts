/**
 * Keys of the original's configuration files (worldenergydata, `data_refresh_enhanced.yml` in its three forms and the file its
 * engine writes into `results/`), each with what Freshet does instead. A key ending in `.*` speaks for everything below it.
 */
export interface KnownKey {
  readonly key: string;
  /** Absent for keys that are read, or that say nothing about a refresh. */
  readonly instead?: string;
}

export const DATASET_FLAGS = { well: 'bsee.well', production: 'bsee.production', war: 'bsee.war' } as const;
export type DatasetFlag = keyof typeof DATASET_FLAGS;

export const KNOWN_KEYS: readonly KnownKey[] = [
  // read
  { key: 'meta.mode' },
  { key: 'meta.basename' },
  { key: 'meta.library' },
  { key: 'meta.description' },
  { key: 'basename' },
  { key: 'enhanced_mode' },
  { key: 'data.enhanced_refresh' },
  { key: 'data.refresh' },
  { key: 'data.enhanced' },
  ...Object.keys(DATASET_FLAGS).map((flag) => ({ key: `data.${flag}` })),

  // what Freshet does in another way
  {
    key: 'data.fresh_data',
    instead: 'always: the publisher is asked on every refresh, and answers "unchanged" when it is',
  },
  { key: 'data.apm', instead: 'a flag of the legacy mode; the enhanced one is data.well' },
  {
    key: 'cache.*',
    instead:
      'there is no cache to expire: each refresh asks the publisher conditionally, so unchanged data is never downloaded and changed data never missed; how old data may get is maxAge in the dataset definition',
  },
  {
    key: 'chunked_refresh',
    instead:
      'always: archives are cut into chunks while they arrive; a lost connection is resumed with Range where the publisher allows it',
  },
  {
    key: 'incremental_update',
    instead:
      'always: a member whose content is unchanged keeps its published rows, and a refresh without changes ends as "unchanged"',
  },
  {
    key: 'sources.*',
    instead:
      'addresses stand in the dataset definition (access: portal link first, declared address second); put your own in a folder named by FRESHET_DATASETS_DIR',
  },
  { key: 'processing.in_memory', instead: 'always: an archive is streamed, never stored and never held whole' },
  { key: 'processing.save_zip', instead: 'never: no archive is written to disk' },
  { key: 'processing.optimized', instead: 'there is one way of processing, in bounded memory' },
  { key: 'processing.parallel', instead: 'always: chunks are parsed, checked and loaded side by side' },
  { key: 'processing.chunk_size', instead: 'FRESHET_CHUNK_BYTES (default 512 KiB) is the size of chunks' },
  {
    key: 'processing.timeout',
    instead:
      'timeouts stand in the dataset definition: 600 s well, 1200 s production, 2400 s WAR, growing with each attempt',
  },
  { key: 'processing.max_retries', instead: 'retry.maxAttempts of the dataset definition' },
  { key: 'processing.retry_delay', instead: 'retry of the dataset definition: exponential backoff with jitter' },
  { key: 'processing.*', instead: 'how a dataset is processed stands in its definition' },
  {
    key: 'memory.*',
    instead:
      'memory is bounded by design, whatever the size of the input; limits on archives stand in the dataset definition (archive)',
  },
  {
    key: 'output.format',
    instead: 'always pickled DataFrames in .bin files, as before; other writers are exports of the dataset definition',
  },
  { key: 'output.compression', instead: '.bin files are never compressed, as before' },
  { key: 'output.*', instead: 'what is written stands in the dataset definition (exports)' },
  {
    key: 'parameters.filepath.*',
    instead:
      '.bin files go to data/modules/bsee/bin/{apd,production_raw,war} below FRESHET_EXPORT_ROOT; another folder is set in the dataset definition (exports)',
  },
  { key: 'default.log_level', instead: 'FRESHET_LOG_LEVEL of the service (npm start), and FRESHET_LOG_FILE' },
  { key: 'default.log_enhanced_details', instead: 'FRESHET_LOG_LEVEL=debug' },
  {
    key: 'validation.*',
    instead:
      'always: every row is checked against the columns, types and checks of the dataset definition; refused rows are in `freshet quarantine`',
  },
  {
    key: 'monitoring.*',
    instead: 'always: bytes, rows, seconds and peak memory are kept with each run, see `freshet runs <id>`',
  },

  // what the original's engine adds for itself; it says nothing about a refresh
  { key: 'default.config.*' },
  { key: 'parameters.max_allowed_npt' },
  { key: 'parameters.borehole_codes' },
  { key: 'type.*' },
  { key: 'settings_master' },
  { key: 'data_retrieval.*' },
  { key: 'Analysis.*' },
  { key: 'bsee.*' },
];

/** The entry that speaks for a key: the exact one, or that of the nearest part above it. */
export function lookUp(path: string): KnownKey | undefined {
  const exact = KNOWN_KEYS.find(({ key }) => key === path);
  if (exact) return exact;
  for (let parent = path; parent !== ''; parent = parent.slice(0, Math.max(0, parent.lastIndexOf('.')))) {
    const group = KNOWN_KEYS.find(({ key }) => key === `${parent}.*`);
    if (group) return group;
  }
  return undefined;
}

/** Whether keys below this one are known one by one. */
export const isGroup = (path: string): boolean =>
  KNOWN_KEYS.some(({ key }) => key.startsWith(`${path}.`) && key !== `${path}.*`);

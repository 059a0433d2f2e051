import { Foundation1763600000000 } from './0001-foundation';
import { LateRows1763600000001 } from './0002-late-rows';
import { Timeseries1764000000002 } from './0003-timeseries';
import { OpenLineage1764000000003 } from './0004-openlineage';
import { Leader1764000000004 } from './0005-leader';

/** In order; a new migration is added at the end and an old one never edited once released. */
export const migrations = [
  Foundation1763600000000,
  LateRows1763600000001,
  Timeseries1764000000002,
  OpenLineage1764000000003,
  Leader1764000000004,
];

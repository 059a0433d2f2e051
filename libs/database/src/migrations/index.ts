import { Foundation1763600000000 } from './0001-foundation';
import { LateRows1763600000001 } from './0002-late-rows';

/** In order; a new migration is added at the end and an old one never edited once released. */
export const migrations = [Foundation1763600000000, LateRows1763600000001];

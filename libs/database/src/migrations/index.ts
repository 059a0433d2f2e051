import { Foundation1763600000000 } from './0001-foundation';

/** In order; a new migration is added at the end and an old one never edited once released. */
export const migrations = [Foundation1763600000000];

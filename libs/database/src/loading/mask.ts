/** Stands in place of a value of a column marked personal, wherever values are shown. */
export const MASK = '***';

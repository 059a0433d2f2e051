import { POINT, valuesOf, type Over } from '../kind';

/** A check of every value by itself: `failed` and `detail` are SQL over `v.value`. */
export const valueRule = {
  reach: () => POINT,
  verdicts: (over: Over, failed: string, detail: string, where = 'true'): string =>
    `SELECT v.series_id, v.starts_at, true AS counted, ${failed} AS failed, v.name AS shown, v.starts_at AS episode,
       v.value::text AS value, ${detail} AS detail
     FROM (${valuesOf(over)}) v WHERE ${where}`,
};

import type { Request } from 'express';
import { Problem } from '../../control/problem';
import { arrow } from './arrow';
import { csv } from './csv';
import type { TableFormat } from './format';
import { parquet } from './parquet';

/** Every way to send a table besides JSON. */
export const TABLE_FORMATS: readonly TableFormat[] = [csv, arrow, parquet];

export const FORMAT_NAMES = ['json', ...TABLE_FORMATS.map(({ name }) => name)] as const;

const JSON_TYPE = 'application/json';
const BY_TYPE = new Map(TABLE_FORMATS.map((format) => [format.mediaType, format]));

/**
 * How the caller wants a table: `?format=` (for browsers, which choose no `Accept`) before `Accept` with its quality values.
 * Null is JSON, which is also the answer to `*` and to no wish at all.
 * @throws Problem `not_acceptable`, naming what there is.
 */
export function wantedFormat(request: Request, named: string | undefined): TableFormat | null {
  if (named !== undefined) return TABLE_FORMATS.find(({ name }) => name === named) ?? null;
  const best = request.accepts([JSON_TYPE, ...BY_TYPE.keys()]);
  if (best === false)
    throw new Problem('not_acceptable', {
      error: `this can be answered as ${[JSON_TYPE, ...BY_TYPE.keys()].join(', ')}; Accept names none of them`,
      nextStep: `Send one of them as Accept, or add ?format=${FORMAT_NAMES.join('|')}.`,
    });
  return BY_TYPE.get(best) ?? null;
}

import { fillTemplate, storedName, templateColumns, type DatasetDefinition, type TimeSeries } from '@freshet/domain';

/** A code of the publisher for each stored column that says which series a row belongs to. */
export type SeriesCodes = Readonly<Record<string, string | null>>;

export interface SeriesIdentity {
  readonly name: string;
  readonly respondent: string;
  readonly aggregate: boolean;
  readonly kind: string;
  readonly unit: string | null;
  /** By published column. */
  readonly codes: Readonly<Record<string, string | null>>;
}

/** Published columns whose values make the name of a series: rows that agree in them are of one series. */
export const nameColumns = ({ id }: Pick<TimeSeries, 'id'>): string[] => [...new Set(templateColumns(id))];

/** Published columns that say anything about a series. */
export const identityColumns = ({ id, kind, respondent, codes }: TimeSeries): string[] => [
  ...new Set([...templateColumns(id), ...templateColumns(kind), respondent, ...codes]),
];

/** What series a row with these values (by stored column) is of. */
export function identityOf(
  { timeseries, paging }: { readonly timeseries: TimeSeries } & Pick<DatasetDefinition, 'paging'>,
  values: SeriesCodes,
): SeriesIdentity {
  const value = (column: string): string | null => values[storedName(column)] ?? null;
  const fill = (template: string): string =>
    fillTemplate(template, (column) => {
      const code = value(column) ?? '';
      return own(timeseries.names[column], code) ?? code;
    });
  const codes = Object.fromEntries(timeseries.codes.map((column) => [column, value(column)]));
  const aggregates = new Set((paging?.select.codes ?? []).filter(({ aggregate }) => aggregate).map(({ code }) => code));
  const respondent = value(timeseries.respondent) ?? '';
  const unit = value(timeseries.unit.column);
  return {
    name: fill(timeseries.id),
    respondent,
    // A flow to an aggregate counts twice as well, beside the flows to those it is made of.
    aggregate: [respondent, ...Object.values(codes)].some((code) => code !== null && aggregates.has(code)),
    kind: fill(timeseries.kind),
    unit: unit === null || unit.trim() === '' ? null : (own(timeseries.unit.names, unit) ?? unit),
    codes,
  };
}

/** A code may be any text, also the name of something every object has. */
const own = (names: Readonly<Record<string, string>> | undefined, code: string): string | undefined =>
  names && Object.hasOwn(names, code) ? names[code] : undefined;

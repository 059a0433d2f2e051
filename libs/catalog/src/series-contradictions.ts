import { findCode, templateColumns } from '@freshet/domain';
import { builtInCodes } from './code-lists';
import type { DatasetYaml } from './dataset-schema';
import { suggest } from './suggest';
import { codesOf } from './to-timeseries';

interface Found {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What cannot be in a definition of an API or of a time series: parts that belong together, columns and codes that are not there. */
export function* contradictionsOfSeries(yaml: DatasetYaml): Generator<Found> {
  const { mode, connector, paging, timeseries } = yaml;
  if (mode === 'timeseries' && !timeseries) yield { path: ['timeseries'], message: 'the mode timeseries needs it' };
  if (mode !== 'timeseries' && timeseries) yield { path: ['timeseries'], message: 'it is for the mode timeseries' };
  if (connector === 'paged-json' && !paging) yield { path: ['paging'], message: 'the connector paged-json needs it' };
  if (connector !== 'paged-json' && paging) yield { path: ['paging'], message: 'it is for the connector paged-json' };
  if (connector === 'paged-json') {
    if (!yaml.access.some((way) => 'api' in way && way.api !== 'none'))
      yield { path: ['access'], message: 'the connector paged-json needs the address of an api' };
    if (yaml.resources.length > 1) yield { path: ['resources'], message: 'one route gives one resource' };
  }
  const columns = new Map(
    yaml.resources[0]?.columns.map((column) =>
      typeof column === 'string' ? ([column, 'text'] as const) : ([column.name, column.type] as const),
    ),
  );
  function* known(name: string, path: readonly PropertyKey[], type?: string): Generator<Found> {
    const meant = suggest(name, [...columns.keys()]);
    if (!columns.has(name))
      yield { path, message: `no column is named ${name}${meant ? `; did you mean ${meant}?` : ''}` };
    else if (type && columns.get(name) !== type) yield { path, message: `the column ${name} must be of type ${type}` };
  }
  if (paging) {
    yield* known(paging.select.column, ['paging', 'select', 'column']);
    for (const [index, name] of paging.sort.entries()) yield* known(name, ['paging', 'sort', index]);
    if (typeof paging.select.codes === 'string' && !builtInCodes(paging.select.codes))
      yield { path: ['paging', 'select', 'codes'], message: `there is no list of codes named ${paging.select.codes}` };
    else yield* unknownCodes(paging);
  }
  if (!timeseries) return;
  for (const field of ['id', 'kind'] as const)
    for (const name of templateColumns(timeseries[field])) yield* known(name, ['timeseries', field]);
  for (const name of Object.keys(timeseries.names)) yield* known(name, ['timeseries', 'names', name]);
  for (const [index, name] of timeseries.codes.entries()) yield* known(name, ['timeseries', 'codes', index]);
  yield* known(timeseries.respondent, ['timeseries', 'respondent']);
  yield* known(timeseries.unit.column, ['timeseries', 'unit', 'column']);
  yield* known(timeseries.time.column, ['timeseries', 'time', 'column'], 'datetime');
  yield* known(timeseries.value, ['timeseries', 'value'], 'decimal');
}

function* unknownCodes(paging: NonNullable<DatasetYaml['paging']>): Generator<Found> {
  const codes = codesOf(paging);
  const written = codes.flatMap(({ code, aliases }) => [code, ...aliases]);
  for (const [index, value] of paging.select.values.entries()) {
    if (findCode(codes, value)) continue;
    const meant = suggest(value, written);
    yield {
      path: ['paging', 'select', 'values', index],
      message: `the publisher has no ${paging.select.name} ${value}${meant ? `; did you mean ${meant}?` : ''}`,
    };
  }
}

import type { JsonKind, KeyFinding, MetadataFinding, PagedFinding, SampleFinding, StyleFinding } from './report';

type Row = readonly [name: string, text: string];

/** Rows of a report for people, about an API that is read page by page. */
export function renderPaged({ withoutKey, key, metadata, sample, styles, answeredMs }: PagedFinding): Row[] {
  return [
    ...(withoutKey === null ? [] : [['without key', withoutKey] as const]),
    ...(key ? [['key', renderKey(key)] as const] : []),
    ...(metadata ? [['metadata', renderMetadata(metadata)] as const] : []),
    ...(sample ? renderSample(sample) : []),
    ...styles.map((style, index): Row => [index === 0 ? 'style' : 'other style', renderStyle(style)]),
    ...(answeredMs.length > 0 ? [['answers', renderTimes(answeredMs)] as const] : []),
  ];
}

const KEY: Readonly<Record<KeyFinding['verdict'], string>> = {
  accepted: 'accepted',
  refused: 'refused',
  missing: 'not set here',
  unknown: 'not tried',
};

const renderKey = ({ variable, header, verdict, repeated }: KeyFinding): string =>
  `${KEY[verdict]} (${variable}, in the header ${header})${repeated ? '; answers repeat it: they are scrubbed' : ''}`;

function renderMetadata({ start, end, ageSeconds, frequencies, version, failure }: MetadataFinding): string {
  if (failure) return `none: ${failure}`;
  const age =
    ageSeconds === null ? '' : ` (${ageSeconds < 0 ? `${hours(-ageSeconds)} ahead` : `${hours(ageSeconds)} ago`})`;
  const span = start === null && end === null ? 'answers' : `from ${start ?? '?'} to ${end ?? '?'}${age}`;
  return [span, frequencies.join(', '), version === null ? '' : `version ${version}`].filter(Boolean).join('; ');
}

function renderSample({ value, from, total, totalAs, valueAs, missing, unknown, warnings }: SampleFinding): Row[] {
  const since = from === null ? '' : ` since ${from}`;
  const columns = [
    missing.length > 0 ? `missing: ${missing.join(', ')}` : '',
    unknown.length > 0 ? `not declared: ${unknown.join(', ')}` : '',
  ].filter(Boolean);
  return [
    [
      'one record',
      `of ${total ?? '?'} for ${value}${since}; total as ${AS[totalAs]}${valueAs ? `, value as ${AS[valueAs]}` : ''}`,
    ],
    ['columns', columns.length > 0 ? columns.join('; ') : 'those of the definition'],
    ...warnings.map(({ at, said }): Row => ['warning', `${said} (at ${at})`]),
  ];
}

const AS: Readonly<Record<JsonKind, string>> = {
  number: 'a number',
  text: 'text',
  null: 'null',
  absent: 'nothing',
  other: 'something else',
};

const renderStyle = ({ style, verdict, detail }: StyleFinding): string =>
  `${style === 'query' ? 'parameters in the URL' : 'parameters in a header'}: ${verdict === 'works' ? 'works' : `${verdict}, ${detail}`}`;

function renderTimes(ms: readonly number[]): string {
  const [fewest, most] = [Math.min(...ms), Math.max(...ms)];
  return `${ms.length}, each in ${fewest === most ? fewest : `${fewest} to ${most}`} ms`;
}

/** `2 h 58 min`, `5 d 3 h`. */
function hours(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 1440)} d ${Math.floor((minutes % 1440) / 60)} h`;
}

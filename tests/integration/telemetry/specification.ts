import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const PAGE = resolve(__dirname, '..', '..', '..', 'docs', 'reference', 'telemetry.md');

export interface SpecifiedMetric {
  /** As at `/metrics`, without the `_bucket`, `_sum` and `_count` of histograms. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly services: readonly string[];
  /** Absent until something happens that does not happen in every refresh. */
  readonly rare: boolean;
}

export interface SpecifiedSpan {
  readonly name: string;
  readonly services: readonly string[];
  readonly attributes: readonly string[];
  readonly rare: boolean;
}

export interface SpecifiedEvent {
  readonly message: string;
  readonly level: string;
  readonly services: readonly string[];
  readonly fields: readonly string[];
  readonly rare: boolean;
}

/** The tables of docs/reference/telemetry.md, which is the specification. */
export function readSpecification(): {
  readonly metrics: readonly SpecifiedMetric[];
  readonly spans: readonly SpecifiedSpan[];
  readonly events: readonly SpecifiedEvent[];
} {
  const page = readFileSync(PAGE, 'utf8');
  return {
    metrics: rows(page, 'Metrics').map(([name, type, labels, services, meaning]) => ({
      name: names(name)[0] ?? '',
      type: type as SpecifiedMetric['type'],
      labels: names(labels),
      services: names(services),
      rare: isRare(meaning),
    })),
    spans: rows(page, 'Spans').map(([name, _kind, services, attributes, meaning]) => ({
      name: names(name)[0] ?? '',
      services: names(services),
      attributes: names(attributes),
      rare: isRare(meaning),
    })),
    events: rows(page, 'Events').map(([message, level, services, fields, meaning]) => ({
      message: names(message)[0] ?? '',
      level: level ?? '',
      services: names(services),
      fields: names(fields),
      rare: isRare(meaning),
    })),
  };
}

/** The cells of all tables of a section, without their heads. */
function rows(page: string, section: string): string[][] {
  const [, rest = ''] = page.split(`\n## ${section}\n`);
  const [text = ''] = rest.split('\n## ');
  const lines = text.split('\n').filter((line) => line.startsWith('| `'));
  if (lines.length === 0) throw new Error(`${PAGE} has no table under "${section}"`);
  return lines.map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

const names = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '');
const isRare = (meaning = ''): boolean => meaning.startsWith('(rare)');

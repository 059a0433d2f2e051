export interface ExposedMetric {
  readonly name: string;
  readonly type: string;
  readonly labels: ReadonlySet<string>;
}

/** What every series has, whatever it measures. */
const COMMON = new Set(['le', 'otel_scope_name', 'otel_scope_version']);

/** Metrics of a Prometheus text: names of families with the labels that their series have. */
export function parseExposition(text: string): Map<string, ExposedMetric> {
  const families = new Map<string, { name: string; type: string; labels: Set<string> }>();
  for (const [, name = '', type = ''] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm))
    families.set(name, { name, type, labels: new Set() });
  for (const [, series = '', labels = ''] of text.matchAll(/^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? /gm)) {
    const family = families.get(series) ?? families.get(series.replace(/_(bucket|sum|count)$/, ''));
    if (!family) throw new Error(`the series ${series} belongs to no family`);
    for (const [, label = ''] of labels.matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g))
      if (!COMMON.has(label)) family.labels.add(label);
  }
  return families;
}

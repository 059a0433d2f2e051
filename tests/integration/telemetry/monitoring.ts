import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';

const ROOT = resolve(__dirname, '..', '..', '..');
export const MONITORING = join(ROOT, 'deploy', 'monitoring');
export const RUNBOOKS = join(ROOT, 'docs', 'operations', 'runbooks');

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface RuleFile {
  readonly groups: ReadonlyArray<{ readonly rules: readonly AlertRule[] }>;
}

export const alertRules = (): readonly AlertRule[] =>
  (parse(readFileSync(join(MONITORING, 'rules.yaml'), 'utf8')) as RuleFile).groups.flatMap(({ rules }) => rules);

export const dashboardFiles = (): string[] =>
  readdirSync(join(MONITORING, 'dashboards')).filter((name) => name.endsWith('.json'));

/** Every expression of the rules and dashboards, with what it comes from. */
export function expressions(): ReadonlyArray<{ readonly where: string; readonly expr: string }> {
  const found = alertRules().map(({ alert, expr }) => ({ where: alert, expr }));
  for (const file of dashboardFiles())
    collect(JSON.parse(readFileSync(join(MONITORING, 'dashboards', file), 'utf8')), file, found);
  return found;
}

function collect(value: unknown, where: string, found: Array<{ where: string; expr: string }>): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if ((key === 'expr' || key === 'definition') && typeof inner === 'string') found.push({ where, expr: inner });
    else collect(inner, where, found);
  }
}

/** Names of metrics in the expressions, without the suffixes of histograms. `up` is Prometheus's own. */
export function metricsOfMonitoring(): Set<string> {
  const names = expressions().flatMap(({ expr }) => expr.match(/\b(?:freshet|process)_[a-z0-9_]+/g) ?? []);
  return new Set(names.map((name) => name.replace(/_(bucket|sum|count)$/, '')));
}

export const runbooks = (): string[] =>
  existsSync(RUNBOOKS)
    ? readdirSync(RUNBOOKS)
        .filter((name) => name.endsWith('.md') && name !== 'README.md')
        .map((name) => name.replace(/\.md$/, ''))
    : [];

/** Alert rules, dashboards and runbooks belong together, and the rules do what they say: `promtool` runs their unit tests. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import {
  alertRules,
  dashboardFiles,
  expressions,
  metricsOfMonitoring,
  MONITORING,
  RUNBOOKS,
  runbooks,
} from './monitoring';
import { readSpecification } from './specification';

const promtool = (...args: string[]): { status: number | null; output: string } => {
  const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: MONITORING, encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
};
const available = promtool('--version').status === 0;
if (!available && process.env['CI'] === 'true')
  throw new Error('promtool is missing: install the Debian package prometheus');
if (!available)
  process.stderr.write('SKIPPED: unit tests of the alert rules, because promtool is missing (Debian: prometheus)\n');

interface RuleTests {
  readonly tests: ReadonlyArray<{
    readonly name: string;
    readonly alert_rule_test: ReadonlyArray<{ readonly alertname: string; readonly exp_alerts: readonly unknown[] }>;
  }>;
}

describe('alert rules', () => {
  (available ? it : it.skip)('fire when they should, and not otherwise', () => {
    const { status, output } = promtool('test', 'rules', 'rules.test.yaml');
    expect({ status, output: status === 0 ? '' : output }).toEqual({ status: 0, output: '' });
  });

  it('each have a case in which they fire', () => {
    const { tests } = parse(readFileSync(join(MONITORING, 'rules.test.yaml'), 'utf8')) as RuleTests;
    const fired = tests.flatMap(({ alert_rule_test: cases }) =>
      cases.filter(({ exp_alerts: alerts }) => alerts.length > 0).map(({ alertname }) => alertname),
    );
    expect([...new Set(fired)].sort()).toEqual(
      alertRules()
        .map(({ alert }) => alert)
        .sort(),
    );
  });

  it('each say what is wrong, how severe it is, and which runbook helps', () => {
    for (const { alert, labels, annotations } of alertRules()) {
      expect([alert, ['critical', 'warning']]).toEqual([alert, expect.arrayContaining([labels['severity']])]);
      expect([alert, annotations]).toEqual([
        alert,
        {
          summary: expect.stringMatching(/\S/),
          description: expect.stringMatching(/\.$/),
          runbook_url: `docs/operations/runbooks/${alert}.md`,
        },
      ]);
    }
  });
});

describe('runbooks', () => {
  it('are there for every alert, and for nothing else', () => {
    expect(runbooks().sort()).toEqual(
      alertRules()
        .map(({ alert }) => alert)
        .sort(),
    );
  });

  it.each(runbooks())('%s says what it means, what to look at, what to do and when to escalate', (name) => {
    const text = readFileSync(join(RUNBOOKS, `${name}.md`), 'utf8');
    expect(text.match(/^## .*$/gm)).toEqual([
      '## What it means',
      '## What to look at',
      '## What to do',
      '## When to escalate',
    ]);
    expect(text).toMatch(/^# /);
    expect(readFileSync(join(RUNBOOKS, 'README.md'), 'utf8')).toContain(`(${name}.md)`);
  });
});

describe('dashboards', () => {
  it.each(dashboardFiles())('%s can be imported anywhere', (file) => {
    const text = readFileSync(join(MONITORING, 'dashboards', file), 'utf8');
    const dashboard = JSON.parse(text) as {
      uid: string;
      panels: ReadonlyArray<{ title: string; datasource: { uid: string }; targets: ReadonlyArray<{ expr: string }> }>;
    };
    expect(`${dashboard.uid}.json`).toBe(file);
    expect(dashboard.panels.length).toBeGreaterThan(5);
    for (const { title, datasource, targets } of dashboard.panels) {
      expect(title).not.toBe('');
      expect([title, datasource.uid]).toEqual([title, '${datasource}']);
      for (const { expr } of targets)
        expect([title, expr]).toEqual([title, expect.stringContaining('namespace=~"$namespace"')]);
    }
  });

  (available ? it : it.skip)('have expressions that Prometheus can read', () => {
    const rules = expressions()
      .filter(({ expr }) => !expr.startsWith('label_values('))
      .map(({ expr }, i) => ({
        record: `expression:${i}`,
        expr: expr.replaceAll('$__rate_interval', '5m').replace(/\$(namespace|dataset)/g, '.*'),
      }));
    expect(rules.length).toBeGreaterThan(50);
    const folder = mkdtempSync(join(tmpdir(), 'freshet-monitoring-'));
    try {
      const file = join(folder, 'rules.yaml');
      writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboards', rules }] }));
      const { status, output } = promtool('check', 'rules', file);
      expect({ status, output: status === 0 ? '' : output }).toEqual({ status: 0, output: '' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('and rules name metrics of the specification only', () => {
    const specified = new Set(readSpecification().metrics.map(({ name }) => name));
    expect([...metricsOfMonitoring()].filter((name) => !specified.has(name))).toEqual([]);
  });
});

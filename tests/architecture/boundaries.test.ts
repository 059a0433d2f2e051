import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');

interface Sample {
  readonly path: string;
  readonly code: string;
}

/** ESLint reads its configuration by `import()`, which Jest does not have: one process lints all samples. */
const LINT = `
  import { ESLint } from 'eslint';
  import { readFileSync } from 'node:fs';
  const eslint = new ESLint();
  const lint = async ({ path, code }) => (await eslint.lintText(code, { filePath: path }))[0].messages.map((m) => m.ruleId);
  console.log(JSON.stringify(await Promise.all(JSON.parse(readFileSync(0, 'utf8')).map(lint))));
`;

/** The rules of boundaries that each sample would break, if it stood at its path. */
function brokenRules(samples: readonly Sample[]): string[][] {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', LINT], {
    cwd: root,
    input: JSON.stringify(samples),
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(`ESLint did not run: ${stderr}`);
  return (JSON.parse(stdout) as string[][]).map((rules) => rules.filter((rule) => rule?.startsWith('no-restricted')));
}

/** The design's directions, each shown to fail when it is broken and to pass when it is kept. */
const FORBIDDEN = [
  ['domain imports contracts', 'libs/domain/src/x.ts', `export * from '@freshet/contracts';`],
  ['domain does I/O', 'libs/domain/src/x.ts', `export * from 'node:fs';`],
  ['contracts imports messaging', 'libs/contracts/src/x.ts', `export * from '@freshet/messaging';`],
  ['a service imports a service', 'services/parser/src/x.ts', `export * from '@freshet/loader-service';`],
  ['a service imports the simulators', 'services/loader/src/x.ts', `export * from '@freshet/testing';`],
  ['a path into another package', 'services/parser/src/x.ts', `export * from '../../../libs/domain/src/run';`],
  ['a path into the build of another package', 'services/parser/src/x.ts', `export * from '@freshet/domain/dist/run';`],
  ['kafkajs outside messaging', 'services/loader/src/x.ts', `export * from 'kafkajs';`],
  ['pg outside database', 'services/loader/src/x.ts', `export * from 'pg';`],
  ['typeorm outside database', 'services/coordinator/src/x.ts', `export * from 'typeorm';`],
  ['the environment outside runtime', 'services/loader/src/x.ts', `export const url = process.env.X;`],
] as const;
const ALLOWED = [
  ['libs/messaging/src/x.ts', `export * from '@freshet/contracts'; export * from 'kafkajs';`],
  ['libs/database/src/x.ts', `export * from '@freshet/domain'; export * from 'pg';`],
  ['services/standalone/src/x.ts', `export * from '@freshet/loader-service';`],
  ['services/loader/src/x.ts', `export * from '@freshet/database'; export * from './config';`],
  ['libs/runtime/src/x.ts', `export const level = process.env.X;`],
] as const;

describe('the boundary check in lint', () => {
  const broken = new Map<string, string[]>();
  beforeAll(() => {
    const samples = [
      ...FORBIDDEN.map(([, path, code]) => ({ path, code })),
      ...ALLOWED.map(([path, code]) => ({ path, code })),
    ];
    const rules = brokenRules(samples);
    samples.forEach(({ path, code }, i) => broken.set(path + code, rules[i] ?? []));
  }, 60_000);

  it.each(FORBIDDEN)('refuses: %s', (_, path, code) => {
    expect(broken.get(path + code)).toHaveLength(1);
  });

  it.each(ALLOWED)('lets %s do what it is for', (path, code) => {
    expect(broken.get(path + code)).toEqual([]);
  });
});

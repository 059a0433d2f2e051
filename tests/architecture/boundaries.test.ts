import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');

/** The rules that a file with this one import would break, if it stood at `path`. */
function brokenRules(path: string, code: string): string[] {
  const result = spawnSync('npx', ['--no-install', 'eslint', '--stdin', '--stdin-filename', path, '--format', 'json'], {
    cwd: root,
    input: code,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  const [report] = JSON.parse(result.stdout) as [{ messages: Array<{ ruleId: string }> }];
  return report.messages.map((message) => message.ruleId).filter((rule) => rule.startsWith('no-restricted'));
}

/** The design's directions, each shown to fail when it is broken and to pass when it is kept. */
describe('the boundary check in lint', () => {
  it.each([
    ['domain imports contracts', 'libs/domain/src/x.ts', `export * from '@freshet/contracts';`],
    ['domain does I/O', 'libs/domain/src/x.ts', `export * from 'node:fs';`],
    ['contracts imports messaging', 'libs/contracts/src/x.ts', `export * from '@freshet/messaging';`],
    ['a service imports a service', 'services/parser/src/x.ts', `export * from '@freshet/loader-service';`],
    ['a service imports the simulators', 'services/loader/src/x.ts', `export * from '@freshet/testing';`],
    ['a path into another package', 'services/parser/src/x.ts', `export * from '../../../libs/domain/src/run';`],
    [
      'a path into the build of another package',
      'services/parser/src/x.ts',
      `export * from '@freshet/domain/dist/run';`,
    ],
    ['kafkajs outside messaging', 'services/loader/src/x.ts', `export * from 'kafkajs';`],
    ['pg outside database', 'services/loader/src/x.ts', `export * from 'pg';`],
    ['typeorm outside database', 'services/coordinator/src/x.ts', `export * from 'typeorm';`],
    ['the environment outside runtime', 'services/loader/src/x.ts', `export const url = process.env.X;`],
  ])('refuses: %s', (_, path, code) => {
    expect(brokenRules(path, code)).toHaveLength(1);
  });

  it.each([
    ['libs/messaging/src/x.ts', `export * from '@freshet/contracts'; export * from 'kafkajs';`],
    ['libs/database/src/x.ts', `export * from '@freshet/domain'; export * from 'pg';`],
    ['services/standalone/src/x.ts', `export * from '@freshet/loader-service';`],
    ['services/loader/src/x.ts', `export * from '@freshet/database'; export * from './config';`],
    ['libs/runtime/src/x.ts', `export const level = process.env.X;`],
  ])('lets %s do what it is for', (path, code) => {
    expect(brokenRules(path, code)).toEqual([]);
  });
});

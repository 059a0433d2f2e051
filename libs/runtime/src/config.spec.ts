import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigError, readConfig, variables, secretsFrom } from './config';

const schema = z.object({
  FRESHET_DATABASE_URL: z.string(),
  FRESHET_HTTP_PORT: variables.port(8080),
  FRESHET_KAFKA_BROKERS: variables.list(),
  FRESHET_SCHEDULES: variables.boolean(false),
});

const mistakesOf = (environment: Record<string, string>): readonly string[] => {
  try {
    readConfig(schema, environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
  return [];
};

describe('readConfig', () => {
  it('gives typed values and defaults', () => {
    expect(
      readConfig(schema, {
        FRESHET_DATABASE_URL: 'postgres://x',
        FRESHET_KAFKA_BROKERS: 'a:1, b:2',
        FRESHET_HTTP_PORT: '',
      }),
    ).toEqual({
      FRESHET_DATABASE_URL: 'postgres://x',
      FRESHET_HTTP_PORT: 8080,
      FRESHET_KAFKA_BROKERS: ['a:1', 'b:2'],
      FRESHET_SCHEDULES: false,
    });
  });

  it('reports all mistakes together', () => {
    expect(mistakesOf({ FRESHET_HTTP_PORT: '99999', FRESHET_SCHEDULES: 'maybe' })).toHaveLength(3);
  });

  describe('with a secret in a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'freshet-config-'));
    afterAll(() => rmSync(folder, { recursive: true }));

    it('reads the file, without its line end', () => {
      writeFileSync(join(folder, 'url'), 'postgres://secret\n');
      expect(readConfig(schema, { FRESHET_DATABASE_URL_FILE: join(folder, 'url') }).FRESHET_DATABASE_URL).toBe(
        'postgres://secret',
      );
    });

    it('names a file that is not there, and a value given twice', () => {
      expect(mistakesOf({ FRESHET_DATABASE_URL_FILE: join(folder, 'absent') })[0]).toContain('ENOENT');
      expect(mistakesOf({ FRESHET_DATABASE_URL_FILE: join(folder, 'url'), FRESHET_DATABASE_URL: 'x' })[0]).toContain(
        'both set',
      );
    });
  });
});

describe('secrets that are named elsewhere', () => {
  const folder = mkdtempSync(join(tmpdir(), 'freshet-secrets-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('come from variables or from files, and are absent where nobody set them', () => {
    writeFileSync(join(folder, 'key'), 'in a file\n');
    const environment = { A_KEY: ' plain ', B_KEY_FILE: join(folder, 'key'), C_KEY: '', OTHER: 'x' };
    expect([...secretsFrom(['A_KEY', 'B_KEY', 'C_KEY', 'D_KEY', 'A_KEY'], environment)]).toEqual([
      ['A_KEY', 'plain'],
      ['B_KEY', 'in a file'],
    ]);
  });

  it('are reported together where they are wrong, without their values', () => {
    const environment = { A_KEY: 'sécret', B_KEY_FILE: join(folder, 'absent') };
    const read = (): unknown => secretsFrom(['A_KEY', 'B_KEY'], environment);
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(/A_KEY: has characters[^]*B_KEY_FILE: .*ENOENT/);
    expect(read).not.toThrow(/sécret/);
  });
});

import { ConfigError, readConfig } from '@freshet/runtime';
import { configSchema, settingsOf } from './config';

const environment = {
  FRESHET_KAFKA_BROKERS: 'kafka:9092',
  FRESHET_DATABASE_URL: 'postgres://u:p@db/freshet',
  FRESHET_API_TOKENS: 'ops:operator:0123456789abcdef',
  FRESHET_WORKER_TOKEN: '0123456789abcdef',
};
const mistakesOf = (over: Record<string, string | undefined>): readonly string[] => {
  try {
    readConfig(configSchema, { ...environment, ...over });
    return [];
  } catch (error) {
    return error instanceof ConfigError ? error.mistakes : [String(error)];
  }
};

describe('the configuration of a coordinator', () => {
  it('has defaults for everything but addresses and secrets', () => {
    expect(settingsOf(readConfig(configSchema, environment))).toMatchObject({
      standalone: false,
      tokens: [{ name: 'ops', role: 'operator' }],
      leaseMs: 30_000,
      schedule: false,
      expireLeasesAtStart: false,
      grpc: { port: 9090 },
      watchdog: { noProgressMs: 300_000 },
    });
  });

  it('refuses to start without tokens, and says how to give them', () => {
    const mistakes = mistakesOf({ FRESHET_API_TOKENS: undefined, FRESHET_WORKER_TOKEN: undefined });
    expect(mistakes).toEqual([
      expect.stringMatching(/^FRESHET_API_TOKENS: .*name:role:token/),
      expect.stringMatching(/^FRESHET_WORKER_TOKEN: /),
    ]);
    expect(mistakesOf({ FRESHET_API_TOKENS: ' , ' })).toEqual(['FRESHET_API_TOKENS: names no token']);
  });

  it('takes several worker tokens, so that one can be replaced while fetchers run', () => {
    const tokens = (text: string) =>
      settingsOf(readConfig(configSchema, { ...environment, FRESHET_WORKER_TOKEN: text })).workerTokens;
    expect(tokens('0123456789abcdef')).toEqual(['0123456789abcdef']);
    expect(tokens('fedcba9876543210, 0123456789abcdef')).toEqual(['fedcba9876543210', '0123456789abcdef']);
    expect(mistakesOf({ FRESHET_WORKER_TOKEN: '0123456789abcdef,short' })).toEqual([
      'FRESHET_WORKER_TOKEN: has a token with fewer than 16 characters',
    ]);
  });

  it('names every mistake, and no secret', () => {
    const mistakes = mistakesOf({
      FRESHET_API_TOKENS: 'ops:admin:0123456789abcdef',
      FRESHET_WORKER_TOKEN: 'short',
      FRESHET_KAFKA_BROKERS: '',
      FRESHET_LEASE_SECONDS: '0',
    });
    expect(mistakes).toHaveLength(4);
    expect(mistakes.join()).not.toMatch(/0123456789abcdef|short/);
  });
});

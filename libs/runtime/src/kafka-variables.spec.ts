import { z } from 'zod';
import { clusterVariables, ConfigError, readConfig } from './config';

const BROKERS = { FRESHET_KAFKA_BROKERS: 'kafka:9092' };
const PEM = '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----';
const read = (environment: Record<string, string>) =>
  readConfig(z.object(clusterVariables), { ...BROKERS, ...environment });
const mistakesOf = (environment: Record<string, string>): readonly string[] => {
  try {
    read(environment);
    return [];
  } catch (error) {
    return error instanceof ConfigError ? error.mistakes : [String(error)];
  }
};

describe('the variables of Kafka', () => {
  it('default to a plain listener whose topics are made here', () => {
    expect(read({})).toMatchObject({
      FRESHET_KAFKA_TLS: false,
      FRESHET_KAFKA_CREATE_TOPICS: true,
      FRESHET_KAFKA_PARTITIONS: 6,
    });
  });

  it('are complete, or the lacking ones are named together', () => {
    expect(mistakesOf({ FRESHET_KAFKA_SASL_MECHANISM: 'plain' })).toEqual([
      'FRESHET_KAFKA_USERNAME: needed with FRESHET_KAFKA_SASL_MECHANISM',
      'FRESHET_KAFKA_PASSWORD: needed with FRESHET_KAFKA_SASL_MECHANISM',
    ]);
    expect(mistakesOf({ FRESHET_KAFKA_USERNAME: 'u' })).toEqual([
      'FRESHET_KAFKA_SASL_MECHANISM: needed with FRESHET_KAFKA_USERNAME',
    ]);
    expect(mistakesOf({ FRESHET_KAFKA_TLS: 'true', FRESHET_KAFKA_CERT: PEM })).toEqual([
      'FRESHET_KAFKA_KEY: needed with FRESHET_KAFKA_CERT',
    ]);
  });

  it('are refused where they would have no effect, or are not what they should be', () => {
    expect(mistakesOf({ FRESHET_KAFKA_CA: PEM })).toEqual([
      'FRESHET_KAFKA_CA: has no effect without FRESHET_KAFKA_TLS=true',
    ]);
    expect(mistakesOf({ FRESHET_KAFKA_TLS: 'true', FRESHET_KAFKA_CA: '/etc/ca.pem' })).toEqual([
      'FRESHET_KAFKA_CA: expected certificates in PEM',
    ]);
    expect(mistakesOf({ FRESHET_KAFKA_CA_FILE: '/nowhere/ca.pem' })).toEqual([
      'FRESHET_KAFKA_CA_FILE: /nowhere/ca.pem cannot be read (ENOENT)',
    ]);
    expect(mistakesOf({ FRESHET_KAFKA_SASL_MECHANISM: 'gssapi' })[0]).toContain('FRESHET_KAFKA_SASL_MECHANISM');
  });
});

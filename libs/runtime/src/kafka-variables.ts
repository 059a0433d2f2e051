import { z } from 'zod';

const boolean = (fallback: boolean) =>
  z
    .enum(['true', 'false', '1', '0'])
    .default(fallback ? 'true' : 'false')
    .transform((value) => value === 'true' || value === '1');

const pem = (what: string) =>
  z
    .string()
    .includes('-----BEGIN ', { error: `expected ${what} in PEM` })
    .optional();

/** How a service proves itself to Kafka, and Kafka to it; and the topics it may make. */
export const kafkaVariables = {
  FRESHET_KAFKA_TLS: boolean(false),
  /** Who signs the brokers' certificates; as a rule given as FRESHET_KAFKA_CA_FILE. Otherwise those that Node trusts. */
  FRESHET_KAFKA_CA: pem('certificates'),
  /** Of the client, where brokers ask for one. */
  FRESHET_KAFKA_CERT: pem('a certificate'),
  FRESHET_KAFKA_KEY: pem('a private key'),
  FRESHET_KAFKA_SASL_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional(),
  FRESHET_KAFKA_USERNAME: z.string().optional(),
  FRESHET_KAFKA_PASSWORD: z.string().optional(),
  /** False where something else makes the topics (Strimzi, an administrator): then the start waits for them. */
  FRESHET_KAFKA_CREATE_TOPICS: boolean(true),
  /** Of a topic that is created: how many replicas of a service can share its work. */
  FRESHET_KAFKA_PARTITIONS: z.coerce.number().int().min(1).max(1_000).default(6),
  /** Of a topic that is created; the broker's own default when not set. */
  FRESHET_KAFKA_REPLICATION: z.coerce.number().int().min(1).max(32).optional(),
} as const;

/** Values that contradict each other, as mistakes of the configuration; none for a service without Kafka. */
export function kafkaMistakes(values: Readonly<Record<string, unknown>>): string[] {
  const has = (name: string): boolean => values[`FRESHET_KAFKA_${name}`] !== undefined;
  const mistakes: string[] = [];
  const need = (name: string, of: string): void => {
    if (has(of) && !has(name)) mistakes.push(`FRESHET_KAFKA_${name}: needed with FRESHET_KAFKA_${of}`);
  };
  need('USERNAME', 'SASL_MECHANISM');
  need('PASSWORD', 'SASL_MECHANISM');
  need('SASL_MECHANISM', 'USERNAME');
  need('KEY', 'CERT');
  need('CERT', 'KEY');
  for (const name of ['CA', 'CERT', 'KEY'])
    if (has(name) && values['FRESHET_KAFKA_TLS'] === false)
      mistakes.push(`FRESHET_KAFKA_${name}: has no effect without FRESHET_KAFKA_TLS=true`);
  return mistakes;
}

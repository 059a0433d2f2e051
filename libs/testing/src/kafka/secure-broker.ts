import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SignedCertificate, TestAuthority } from '../network';
import { JavaBroker, freePorts } from './java-broker';

export interface SecureUser {
  readonly username: string;
  readonly password: string;
}

/** A broker with a listener for SASL over TLS (PLAIN and SCRAM-SHA-512) and one that asks for a client's certificate. */
export class SecureBroker {
  private constructor(
    private readonly broker: JavaBroker,
    private readonly folder: string,
    /** Plain, on the same topics. */
    readonly plaintext: readonly string[],
    readonly sasl: readonly string[],
    readonly mutual: readonly string[],
  ) {}

  static async start(version: string, authority: TestAuthority, user: SecureUser): Promise<SecureBroker> {
    const folder = mkdtempSync(join(tmpdir(), 'freshet-kafka-tls-'));
    const [sasl = 0, mutual = 0] = await freePorts(2);
    const broker = await JavaBroker.start(version, {
      properties: settings(stores(folder, authority, authority.issue('127.0.0.1')), { sasl, mutual }, user),
      format: ['--add-scram', `SCRAM-SHA-512=[name=${user.username},password=${user.password}]`],
    });
    return new SecureBroker(broker, folder, broker.brokers, [`127.0.0.1:${sasl}`], [`127.0.0.1:${mutual}`]);
  }

  async stop(): Promise<void> {
    await this.broker.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

interface Stores {
  readonly keystore: string;
  readonly truststore: string;
}

function stores(folder: string, authority: TestAuthority, { cert, key }: SignedCertificate): Stores {
  const keystore = join(folder, 'keystore.pem');
  const truststore = join(folder, 'truststore.pem');
  writeFileSync(keystore, `${key}${cert}`, { mode: 0o600 });
  writeFileSync(truststore, authority.cert);
  return { keystore, truststore };
}

const settings = (
  { keystore, truststore }: Stores,
  ports: { readonly sasl: number; readonly mutual: number },
  { username, password }: SecureUser,
): string => `
listeners=SASLTLS://127.0.0.1:${ports.sasl},MUTUAL://127.0.0.1:${ports.mutual}
advertised.listeners=SASLTLS://127.0.0.1:${ports.sasl},MUTUAL://127.0.0.1:${ports.mutual}
listener.security.protocol.map=SASLTLS:SASL_SSL,MUTUAL:SSL
ssl.keystore.type=PEM
ssl.keystore.location=${keystore}
ssl.truststore.type=PEM
ssl.truststore.location=${truststore}
listener.name.mutual.ssl.client.auth=required
listener.name.sasltls.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
listener.name.sasltls.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_${username}="${password}";
listener.name.sasltls.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
`;

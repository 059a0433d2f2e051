import { createSign, generateKeyPairSync, randomBytes } from 'node:crypto';

/**
 * A certificate for 127.0.0.1 and localhost that vouches for itself, made anew for every server, so that no key stands in
 * the repository. X.509 v3 in DER, ECDSA P-256 with SHA-256 (RFC 5280, RFC 5758).
 */
export function selfSigned(): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ecdsaWithSha256 = seq(oid([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]));
  const name = seq(der(0x31, seq(oid([0x55, 0x04, 0x03]), der(0x0c, Buffer.from('freshet simulator')))));
  const year = new Date().getUTCFullYear();
  const validity = seq(generalizedTime(year - 1), generalizedTime(year + 5));
  const names = seq(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1])));
  const subjectAltName = seq(oid([0x55, 0x1d, 0x11]), der(0x04, names));
  const serial = randomBytes(8);
  serial[0] = ((serial[0] as number) & 0x7f) | 0x01;
  const body = seq(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    ecdsaWithSha256,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, seq(subjectAltName)),
  );
  const signature = createSign('SHA256').update(body).sign(privateKey);
  const certificate = seq(body, ecdsaWithSha256, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const base64 = certificate.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
  };
}

function der(tag: number, content: Buffer): Buffer {
  const length = content.length;
  const prefix = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...prefix]), content]);
}

const seq = (...parts: readonly Buffer[]): Buffer => der(0x30, Buffer.concat(parts));
const oid = (bytes: readonly number[]): Buffer => der(0x06, Buffer.from(bytes));
const generalizedTime = (year: number): Buffer => der(0x18, Buffer.from(`${year}0101000000Z`));

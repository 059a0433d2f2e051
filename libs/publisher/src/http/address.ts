import ipaddr from 'ipaddr.js';

/** Addresses that look public and are not for us: cloud platforms answer there with secrets of the machine. */
const METADATA = new Set(['168.63.129.16', '169.254.169.254', '100.100.100.200', '192.0.0.192', 'fd00:ec2::254']);

/**
 * Whether an address is on the public Internet. IPv6 forms that carry an IPv4 address (mapped, and NAT64's well-known prefix,
 * which DNS64 gives out in IPv6-only clusters) are judged by the address they carry; tunnels (6to4, Teredo) are refused, and so is
 * all that is not global unicast (RFC 4291, section 2.4: `::127.0.0.1` is written `::7f00:1` in a URL and belongs to no range).
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (METADATA.has(parsed.toString())) return false;
  if (parsed.kind() === 'ipv4') return parsed.range() === 'unicast';
  const bytes = parsed.toByteArray();
  const carried = carriedIPv4(bytes);
  if (carried) return isPublicAddress(carried);
  return parsed.range() === 'unicast' && ((bytes[0] ?? 0) & 0xe0) === 0x20;
}

const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];
const NAT64 = [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0];

function carriedIPv4(bytes: readonly number[]): string | null {
  const startsWith = (prefix: readonly number[]): boolean => prefix.every((byte, index) => bytes[index] === byte);
  return startsWith(MAPPED) || startsWith(NAT64) ? bytes.slice(12).join('.') : null;
}

/** `host` or `host:port` entries of a definition, as a test. Names are compared without case; IPv6 with or without brackets. */
export function hostAllowance(entries: readonly string[]): (host: string, port: number) => boolean {
  const allowed = new Set(entries.map((entry) => entry.toLowerCase()));
  return (host, port) => {
    const name = host.toLowerCase().replace(/^\[|\]$/g, '');
    const forms = name.includes(':') ? [name, `[${name}]`, `[${name}]:${port}`] : [name, `${name}:${port}`];
    return forms.some((form) => allowed.has(form));
  };
}

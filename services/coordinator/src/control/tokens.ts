import { createHash, timingSafeEqual } from 'node:crypto';
import { Problem } from './problem';

/** A reader may look; an operator may also start, stop and change. */
export type Role = 'reader' | 'operator';

export interface ApiToken {
  readonly name: string;
  readonly role: Role;
  /** SHA-256 of the token: the token itself is not kept. */
  readonly digest: Buffer;
}

export interface Principal {
  readonly name: string;
  readonly role: Role;
}

const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/**
 * Reads `name:role:token,…`. A token may hold colons, not commas.
 * @throws RangeError naming every mistake, without a token in it.
 */
export function parseApiTokens(text: string): readonly ApiToken[] {
  const mistakes: string[] = [];
  const tokens: ApiToken[] = [];
  for (const [index, entry] of text
    .split(',')
    .map((part) => part.trim())
    .entries()) {
    if (entry === '') continue;
    const [name = '', role = '', ...rest] = entry.split(':');
    const token = rest.join(':');
    const where = `entry ${index + 1}`;
    if (!/^[\w.-]+$/.test(name))
      mistakes.push(`${where}: a name of letters, digits, dot, dash and underscore comes first (name:role:token)`);
    else if (role !== 'reader' && role !== 'operator')
      mistakes.push(`${where} (${name}): the role is reader or operator`);
    else if (token.length < 16) mistakes.push(`${where} (${name}): the token has fewer than 16 characters`);
    else if (tokens.some((other) => other.name === name)) mistakes.push(`${where}: the name ${name} is used twice`);
    else tokens.push({ name, role, digest: digestOf(token) });
  }
  if (mistakes.length > 0) throw new RangeError(mistakes.join('; '));
  return tokens;
}

/** Compares every token in constant time, so that neither their number nor their beginnings can be measured. */
export function authenticate(tokens: readonly ApiToken[], authorization: string | undefined): Principal | null {
  const presented = bearer(authorization);
  if (presented === null) return null;
  const digest = digestOf(presented);
  let found: Principal | null = null;
  for (const token of tokens) {
    if (timingSafeEqual(token.digest, digest)) found = { name: token.name, role: token.role };
  }
  return found;
}

/** Compares every secret in constant time, as `authenticate` does. */
export function anySecret(expected: readonly string[], authorization: string | undefined): boolean {
  const presented = bearer(authorization);
  if (presented === null) return false;
  const digest = digestOf(presented);
  let found = false;
  for (const secret of expected) if (timingSafeEqual(digestOf(secret), digest)) found = true;
  return found;
}

/** @throws Problem `forbidden` */
export function demandRole({ name, role }: Principal, needed: Role): void {
  if (needed === 'reader' || role === 'operator') return;
  throw new Problem('forbidden', {
    error: `${name} is a ${role}, this needs an ${needed}`,
    nextStep: 'Use a token with the role operator.',
  });
}

function bearer(authorization: string | undefined): string | null {
  const match = /^Bearer +(\S+) *$/i.exec(authorization ?? '');
  return match?.[1] ?? null;
}

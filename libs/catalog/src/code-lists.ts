import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PublisherCode } from '@freshet/domain';
import { parse } from 'yaml';
import { z } from 'zod';
import { timeZone } from './fields';

/** Beside `src` and `dist` alike. */
const FOLDER = join(__dirname, '..', 'codes');

/** One code of a publisher, as a list or a definition writes it. */
export const codeSchema = z.strictObject({
  code: z.string().min(1),
  name: z.string().min(1),
  aggregate: z.boolean().default(false).meta({ description: 'A sum over others' }),
  aliases: z.array(z.string().min(1)).default([]),
  flow: z.boolean().optional().meta({ description: 'Only traded with: no demand or generation of its own' }),
  generationOnly: z.boolean().optional(),
  retired: z.boolean().optional(),
  timeZone: timeZone.optional().meta({ description: 'IANA name of the civil time it reports by' }),
});

const listSchema = z.strictObject({ codes: z.array(codeSchema).min(1) });
const read = new Map<string, readonly PublisherCode[]>();

/** A built-in list of codes by name, null when there is none. */
export function builtInCodes(name: string): readonly PublisherCode[] | null {
  const known = read.get(name);
  if (known) return known;
  const path = join(FOLDER, `${name}.yaml`);
  if (!/^[a-z][a-z0-9-]*$/.test(name) || !existsSync(path)) return null;
  const codes = toCodes(listSchema.parse(parse(readFileSync(path, 'utf8'))).codes);
  read.set(name, codes);
  return codes;
}

export const toCodes = (codes: ReadonlyArray<z.output<typeof codeSchema>>): readonly PublisherCode[] =>
  codes.map(({ code, name, aggregate, aliases, timeZone: zone }) => ({
    code,
    name,
    aggregate,
    aliases,
    ...(zone ? { timeZone: zone } : {}),
  }));

import { z } from 'zod';

const DURATION_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SIZE_BYTES: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

const quantity = (units: Readonly<Record<string, number>>, text: string): number => {
  const [, amount = '', unit = ''] = /^([0-9.]+)([A-Za-z]+)$/.exec(text) ?? [];
  return Math.round(Number(amount) * (units[unit] ?? Number.NaN));
};

/** `600s`, `25h`, `1.5d`; gives milliseconds. */
export const duration = z
  .string()
  .regex(/^[0-9]+(\.[0-9]+)?(ms|s|m|h|d)$/, 'expected a duration such as 600s, 25h or 18d')
  .transform((text) => quantity(DURATION_MS, text))
  .meta({ description: 'A number and one of ms, s, m, h, d: 600s, 25h, 18d' });

/** `64KiB`, `2GiB`, `100MB`; gives bytes. */
export const size = z
  .string()
  .regex(/^[0-9]+(\.[0-9]+)?(B|KB|MB|GB|KiB|MiB|GiB)$/, 'expected a size such as 512KiB, 100MB or 2GiB')
  .transform((text) => quantity(SIZE_BYTES, text))
  .meta({
    description: 'A number and one of B, KB, MB, GB (powers of 1000), KiB, MiB, GiB (powers of 1024): 512KiB, 2GiB',
  });

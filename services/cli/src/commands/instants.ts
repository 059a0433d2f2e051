import { UsageError } from '../exit';

const SHORT = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2})(?::?(\d{2}))?(?::(\d{2}))?)?(Z|[+-]\d{2}:\d{2})?$/i;

/**
 * A time as people type it, as the API takes it: `2026-11-20`, `2026-11-20T05`, `2026-11-20 05:00`, RFC 3339. What names no zone is UTC.
 * @throws UsageError
 */
export function instantOf(option: string, typed: string): string {
  const [, date, hour, minute = '00', second = '00', zone = 'Z'] = SHORT.exec(typed.trim()) ?? [];
  const text = hour === undefined ? date : `${date}T${hour}:${minute}:${second}${zone}`;
  if (text === undefined || (hour === undefined && /[Z+]/i.test(typed)) || Number.isNaN(Date.parse(text)))
    throw new UsageError(
      `${option}: ${JSON.stringify(typed)} is not a time`,
      'Write 2026-11-20, 2026-11-20T05 or 2026-11-20T05:00:00Z; without a zone it is UTC.',
    );
  return text;
}

/** The same for an option that may be absent. */
export const optionalInstant = (option: string, typed: unknown): string | undefined =>
  typed === undefined ? undefined : instantOf(option, String(typed));

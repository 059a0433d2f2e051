import type { Command } from 'commander';
import { UsageError } from '../exit';
import { optionalInstant } from './instants';

/** What of a time series is meant, as the API takes it. */
export interface WindowOptions {
  readonly from?: string;
  readonly to?: string;
  readonly only?: readonly string[];
}

/** Said of both ends. */
export const TIME_HELP = '2026-11-01, or RFC 3339 (UTC without a zone)';

/** Codes may be repeated or separated by commas: `--only respondent=PJM --only CISO,MISO`. */
export const onlyOption = (command: Command): Command =>
  command.option(
    '--only <respondent=code>',
    'only this respondent; give it several times for several',
    (typed: string, before: readonly string[] = []) => [
      ...before,
      ...typed
        .split(',')
        .map((code) => code.trim())
        .filter((code) => code !== ''),
    ],
  );

/** @throws UsageError for what is no time, an empty selection, or an end that is not after its beginning. */
export function windowOf(options: Readonly<Record<string, unknown>>): WindowOptions {
  const from = optionalInstant('--from', options['from']);
  const to = optionalInstant('--to', options['to']);
  const only = options['only'] as readonly string[] | undefined;
  if (from !== undefined && to !== undefined && Date.parse(from) >= Date.parse(to))
    throw new UsageError(
      `--from ${from} is not before --to ${to}`,
      'The end is exclusive: name the time after the last interval.',
    );
  if (only?.length === 0) throw new UsageError('--only names nothing', 'Write --only respondent=PJM.');
  return { from, to, only };
}

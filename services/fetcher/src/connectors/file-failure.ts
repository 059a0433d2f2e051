import { FreshetError, type FailureCode } from '@freshet/domain';

const AGAIN = 'Download the archive again, and compare its size with what the publisher says.';

/** What to do about an archive that somebody named, by what is wrong with it. */
const NEXT: Partial<Record<FailureCode, string>> = {
  payload_html: 'Open the file: publishers answer a wrong or moved address with a page. Download the archive itself.',
  payload_empty: AGAIN,
  archive_truncated: AGAIN,
  archive_corrupt: AGAIN,
  archive_empty: AGAIN,
  resource_missing:
    'Name the archive of this dataset; if the publisher renamed the member, correct `member` of the resource in the definition.',
};

/**
 * A failure of reading an archive that somebody named, said of the file and not of the publisher. Terminal: another attempt would
 * read the same bytes.
 */
export function failureOfFile(error: unknown, path: string): unknown {
  if (!(error instanceof FreshetError) || !/^(payload|archive|resource)_/.test(error.code)) return error;
  return new FreshetError(error.code, {
    kind: 'terminal',
    message: MESSAGES[error.code]?.(path) ?? `${path}: ${error.message}`,
    nextStep: NEXT[error.code] ?? error.nextStep,
    attributes: error.attributes,
    cause: error,
  });
}

const MESSAGES: Partial<Record<FailureCode, (path: string) => string>> = {
  payload_html: (path) => `${path} is a web page, not an archive`,
  payload_empty: (path) => `${path} is empty`,
};

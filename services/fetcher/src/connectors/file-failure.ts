import { FreshetError, type FailureCode } from '@freshet/domain';

/** What somebody should have named. */
export type Expected = 'an archive' | 'JSON';

const next = (code: FailureCode, expected: Expected): string | undefined => {
  const again =
    expected === 'JSON'
      ? 'Save the answer again, whole.'
      : 'Download the archive again, and compare its size with what the publisher says.';
  const steps: Partial<Record<FailureCode, string>> = {
    payload_html: `Open the file: publishers answer a wrong or moved address with a page. ${
      expected === 'JSON' ? 'Save the answer of the API itself.' : 'Download the archive itself.'
    }`,
    payload_empty: again,
    archive_truncated: again,
    archive_corrupt: again,
    archive_empty: again,
    resource_missing:
      'Name the archive of this dataset; if the publisher renamed the member, correct `member` of the resource in the definition.',
  };
  return steps[code];
};

const message = (code: FailureCode, path: string, expected: Expected): string | undefined => {
  if (code === 'payload_html') return `${path} is a web page, not ${expected}`;
  return code === 'payload_empty' ? `${path} is empty` : undefined;
};

/**
 * A failure of reading a file that somebody named, said of the file and not of the publisher. Terminal: another attempt would
 * read the same bytes.
 */
export function failureOfFile(error: unknown, path: string, expected: Expected = 'an archive'): unknown {
  if (!(error instanceof FreshetError) || !/^(payload|archive|resource|api|http|rate)_/.test(error.code)) return error;
  return new FreshetError(error.code, {
    kind: 'terminal',
    message:
      message(error.code, path, expected) ??
      (error.message.includes(path) ? error.message : `${path}: ${error.message}`),
    nextStep: next(error.code, expected) ?? error.nextStep,
    attributes: error.attributes,
    cause: error,
  });
}

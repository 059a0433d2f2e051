import { FreshetError, type FailureAttributes } from '@freshet/domain';

type Attributes = FailureAttributes;

export const truncated = (why: string, attributes: Attributes = {}): FreshetError =>
  new FreshetError('archive_truncated', {
    message: `the archive is cut off: ${why}`,
    nextStep:
      'It is fetched again by itself; if it repeats, the publisher serves an incomplete file: tell them, or wait for the next rebuild.',
    attributes,
  });

export const corrupt = (why: string, attributes: Attributes = {}, cause?: unknown): FreshetError =>
  new FreshetError('archive_corrupt', {
    message: `the archive is damaged: ${why}`,
    nextStep:
      'It is fetched again by itself; if it repeats, the publisher serves a damaged file: tell them, or wait for the next rebuild.',
    attributes,
    cause,
  });

export const bomb = (why: string, limit: string, attributes: Attributes = {}): FreshetError =>
  new FreshetError('archive_bomb', {
    message: `the archive is larger inside than allowed: ${why}`,
    nextStep: `Look at the file before trusting it; if it is right, raise archive.${limit} in the definition.`,
    attributes,
  });

export const tooLarge = (bytes: number, limit: number): FreshetError =>
  new FreshetError('payload_too_large', {
    message: `the archive has ${bytes} bytes or more, ${limit} are allowed`,
    nextStep: 'If the publisher really grew that much, raise archive.maxCompressedBytes in the definition.',
    attributes: { bytes, limit },
  });

export const unsafeEntry = (why: string, attributes: Attributes = {}): FreshetError =>
  new FreshetError('archive_unsafe_entry', {
    message: `the archive has an entry that is not safe: ${why}`,
    nextStep: 'Do not trust this file: check that the address is still the publisher’s, and ask them.',
    attributes,
  });

export const emptyArchive = (): FreshetError =>
  new FreshetError('archive_empty', {
    message: 'the archive has no file in it',
    nextStep: 'Look at the publisher’s page: the dataset may have moved or be under maintenance.',
  });

export const unsupported = (why: string, attributes: Attributes = {}): FreshetError =>
  new FreshetError('archive_unsupported', {
    message: `the archive uses something that is not supported: ${why}`,
    nextStep:
      'Only unencrypted archives with stored or deflated entries are read; ask the publisher, or re-pack it and use --file.',
    attributes,
  });

import { FreshetError, type AccessReport, type AccessWay, type Validators } from '@freshet/domain';
import type { HttpClient } from '../http/client';
import { download, type Download, type DownloadRequest } from '../http/download';
import { safeUrl } from '../http/failures';
import { assertZip, CLASSIFY_BYTES } from '../payload/classify';
import { peek } from '../payload/peek';
import { readPortal } from '../portal/read-page';

export interface OpenAccessOptions {
  readonly validators?: Validators;
  readonly signal?: AbortSignal;
  readonly onResume?: DownloadRequest['onResume'];
  readonly resumeDelayMs?: number;
}

export interface OpenedAccess {
  readonly report: AccessReport;
  readonly download: Download;
  /** The archive, or nothing when it was not modified. Known to begin as a zip archive. */
  readonly body: AsyncGenerator<Buffer, void, undefined>;
}

/** These say nothing about the way, so no other way is tried for them. */
const NOT_THE_WAY: ReadonlySet<string> = new Set(['rate_limited', 'total_timeout', 'cancelled', 'fenced', 'internal']);

/**
 * Tries the ways of a definition in order and opens the first that delivers an archive. What an earlier one failed with is
 * kept in the report. An address that was tried already is not tried again.
 *
 * @throws FreshetError the failure of the last way that got as far as the payload, otherwise of the last way
 */
export async function openAccess(
  http: HttpClient,
  ways: readonly AccessWay[],
  options: OpenAccessOptions = {},
): Promise<OpenedAccess> {
  const skipped: Array<{ kind: string; reason: string }> = [];
  const tried = new Set<string>();
  let failure: FreshetError | null = null;
  let reachedPayload = false;
  for (const way of ways) {
    let atPayload = false;
    try {
      const target = await locate(http, way, options.signal);
      if (tried.has(target.url)) {
        skipped.push({ kind: way.kind, reason: `${safeUrl(target.url)} was tried already` });
        continue;
      }
      tried.add(target.url);
      atPayload = true;
      const opened = await openZip(http, target.url, options);
      const { stamp } = target;
      return {
        ...opened,
        report: { kind: way.kind, url: safeUrl(opened.download.url), ...(stamp ? { stamp } : {}), skipped },
      };
    } catch (error) {
      if (options.signal?.aborted || !(error instanceof FreshetError) || NOT_THE_WAY.has(error.code)) throw error;
      skipped.push({ kind: way.kind, reason: `${error.code}: ${error.message}` });
      if (atPayload || !reachedPayload) failure = error;
      reachedPayload ||= atPayload;
    }
  }
  throw failure ?? noWay();
}

interface Target {
  readonly url: string;
  readonly stamp?: string;
}

async function locate(http: HttpClient, way: AccessWay, signal?: AbortSignal): Promise<Target> {
  return way.kind === 'portal' ? readPortal(http, way.page, way.file, signal) : { url: way.url };
}

async function openZip(
  http: HttpClient,
  url: string,
  options: OpenAccessOptions,
): Promise<Omit<OpenedAccess, 'report'>> {
  const opened = await download(http, { url, ...options });
  if (opened.outcome === 'not_modified') return { download: opened, body: opened.body };
  try {
    const { head, body } = await peek(opened.body, CLASSIFY_BYTES);
    assertZip(head, opened.url, opened.headers['content-type']);
    return { download: opened, body };
  } catch (error) {
    opened.close();
    throw error;
  }
}

function noWay(): FreshetError {
  return new FreshetError('definition_invalid', {
    message: 'the definition names no way to reach the publisher',
    nextStep: 'Add at least one entry to `access` in the definition.',
  });
}

import type { TaskManifest } from '@freshet/domain';
import { z } from 'zod';

const count = z.number().int().nonnegative();

/** What a fetcher reports over the wire, read at the edge. */
export const manifestSchema: z.ZodType<TaskManifest> = z.object({
  outcome: z.enum(['fetched', 'not_modified']),
  access: z.object({
    kind: z.enum(['api', 'portal', 'url', 'file']),
    url: z.string(),
    stamp: z.string().optional(),
    skipped: z.array(z.object({ kind: z.string(), reason: z.string() })),
  }),
  validators: z.object({ etag: z.string().optional(), lastModified: z.string().optional() }),
  bytesReceived: count,
  resources: z.array(
    z.object({
      resource: z.string(),
      chunks: count,
      records: count,
      bytes: count,
      sha256: z.string(),
      header: z.array(z.string()),
    }),
  ),
  ignoredMembers: z.array(z.string()),
  requests: z
    .array(
      z.object({
        url: z.string(),
        at: z.iso.datetime(),
        ms: count,
        status: count,
        bytes: count,
        sha256: z.string(),
        records: count,
        chunks: z.tuple([count, count]).nullable(),
        warnings: z.array(z.string()),
      }),
    )
    .optional(),
  window: z.object({ from: z.iso.datetime(), to: z.iso.datetime() }).optional(),
  selected: z.array(z.string()).optional(),
});

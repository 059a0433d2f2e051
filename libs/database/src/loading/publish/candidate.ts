import type { RunState, TaskManifest } from '@freshet/domain';
import type { Queryable } from '../../base';
import { generationResources, type GenerationResource } from '../generations';
import type { Attempt } from '../names';

/** What a run would publish, and what stands published already. */
export interface Candidate extends Attempt {
  readonly runId: string;
  readonly dataset: string;
  readonly state: RunState;
  readonly force: boolean;
  readonly contentVersion: string;
  readonly generation: number;
  readonly manifest: TaskManifest;
  /** The newest generation ever published, which is not the current one while a rollback holds the dataset. */
  readonly head: {
    readonly number: number;
    readonly contentVersion: string;
    readonly resources: readonly GenerationResource[];
  } | null;
}

/** Null when the run is unknown, or its attempt has not reported what it fetched. */
export async function readCandidate(db: Queryable, runId: string): Promise<Candidate | null> {
  const [row] = await db.query<
    Omit<Candidate, 'head' | 'manifest'> & {
      manifest: TaskManifest | null;
      head: number | null;
      headVersion: string | null;
    }
  >(
    `SELECT r.id AS "runId", r.dataset, r.state, r.force, r.content_version AS "contentVersion", r.generation,
            t.id AS "taskId", t.attempt, coalesce(a.manifest, t.manifest) AS manifest,
            d.head_generation AS head, g.content_version AS "headVersion"
     FROM freshet.run r
     JOIN freshet.task t ON t.run_id = r.id
     JOIN freshet.dataset d ON d.id = r.dataset
     LEFT JOIN freshet.task_attempt a ON a.task_id = t.id AND a.attempt = t.attempt
     LEFT JOIN freshet.generation g ON g.dataset = r.dataset AND g.number = d.head_generation
     WHERE r.id = $1`,
    [runId],
  );
  if (!row?.manifest) return null;
  const { head, headVersion, manifest, ...run } = row;
  return {
    ...run,
    manifest,
    head:
      head === null || headVersion === null
        ? null
        : { number: head, contentVersion: headVersion, resources: await generationResources(db, run.dataset, head) },
  };
}

/**
 * Resources whose published rows stay: same bytes, same definition. Archives are rebuilt every night with the same data, so only the
 * content says whether anything changed. `--force` replaces everything.
 */
export function keptResources(candidate: Candidate): ReadonlyMap<string, GenerationResource> {
  const { head, manifest } = candidate;
  if (!head || candidate.force || head.contentVersion !== candidate.contentVersion) return new Map();
  const published = new Map(head.resources.map((entry) => [entry.resource, entry]));
  return new Map(
    manifest.resources.flatMap(({ resource, sha256 }) => {
      const entry = published.get(resource);
      return entry?.sha256 === sha256 ? [[resource, entry] as const] : [];
    }),
  );
}

/** Whether publishing would change nothing for readers of the head generation. */
export const isUnchanged = ({ head, manifest }: Candidate, kept: ReadonlyMap<string, unknown>): boolean =>
  head !== null && kept.size === manifest.resources.length && head.resources.length === kept.size;

import type { LineageStepView, LineageView } from '@freshet/contracts';
import type { Quality, RequestReport } from '@freshet/domain';
import type { Queryable } from '../../base';

export interface LineageQuery {
  /** Where several datasets have a series of the name, the first of them by its id that has the interval. */
  readonly dataset?: string;
  readonly series: string;
  /** Any instant of the interval. */
  readonly at: Date;
}

interface Step {
  value: string | null;
  quality: Quality;
  seenAt: Date;
  mergeId: number;
  chunk: number;
  row: number;
  source: string;
  late: boolean;
}

interface Merge {
  id: number;
  runId: string;
  taskId: string;
  attempt: number;
  contentVersion: string;
  requests: readonly RequestReport[];
  [column: string]: unknown;
}

/** Where the value of one interval came from, and what it replaced; null when there is no observation. */
export async function lineage(db: Queryable, query: LineageQuery): Promise<LineageView | null> {
  const [found] = await db.query<
    Omit<Step, 'seenAt' | 'late'> & {
      seriesId: number;
      dataset: string;
      name: string;
      respondent: string;
      startsAt: Date;
      endsAt: Date;
      firstSeen: Date;
    }
  >(
    `SELECT s.id AS "seriesId", s.dataset, s.name, s.respondent, o.starts_at AS "startsAt", o.ends_at AS "endsAt", o.first_seen AS "firstSeen",
            o.value, o.quality, o.merge_id AS "mergeId", o.chunk, o."row", o.source
     FROM freshet.series s
     JOIN freshet.observation o ON o.series_id = s.id AND o.starts_at <= $3 AND o.starts_at > $3::timestamptz - make_interval(secs => s.resolution_seconds)
     WHERE s.name = $1 AND ($2::text IS NULL OR s.dataset = $2) ORDER BY s.dataset LIMIT 1`,
    [query.series, query.dataset ?? null, query.at],
  );
  if (!found) return null;
  const { seriesId, dataset, name, respondent, startsAt, endsAt, firstSeen, ...current } = found;
  const steps = await history(db, { seriesId, startsAt, firstSeen, current });
  const merges = await mergesOf(db, [...new Set(steps.map(({ mergeId }) => mergeId))]);
  const [confirmed] = await db.query<{ at: Date; runId: string }>(
    `SELECT answered_at AS at, run_id AS "runId" FROM freshet.merge
     WHERE dataset = $1 AND window_from <= $2 AND window_to > $2 AND $3 = ANY (selected) ORDER BY first_answered_at DESC, id DESC LIMIT 1`,
    [dataset, startsAt, respondent],
  );
  return {
    dataset,
    series: name,
    startsAt: startsAt.toISOString(),
    endsAt: endsAt.toISOString(),
    steps: steps.flatMap((step) => {
      const merge = merges.get(step.mergeId);
      return merge ? [stepView(step, merge)] : [];
    }),
    lastConfirmed: confirmed ? { at: confirmed.at.toISOString(), runId: confirmed.runId } : null,
  };
}

interface Subject {
  readonly seriesId: number;
  readonly startsAt: Date;
  readonly firstSeen: Date;
  readonly current: Omit<Step, 'seenAt' | 'late'>;
}

/** The current value, then what it replaced, newest first; late answers stand where they came in. */
async function history(db: Queryable, { seriesId, startsAt, firstSeen, current }: Subject): Promise<Step[]> {
  const revisions = await db.query<{
    oldValue: string | null;
    newValue: string | null;
    oldQuality: Quality;
    oldSource: string;
    oldMergeId: number;
    oldChunk: number;
    oldRow: number;
    mergeId: number;
    seenAt: Date;
    late: boolean;
    lateChunk: number | null;
    lateRow: number | null;
    lateSource: string | null;
  }>(
    `SELECT old_value AS "oldValue", new_value AS "newValue", old_quality AS "oldQuality", old_source AS "oldSource", old_merge_id AS "oldMergeId", old_chunk AS "oldChunk",
            old_row AS "oldRow", merge_id AS "mergeId", seen_at AS "seenAt", late, late_chunk AS "lateChunk", late_row AS "lateRow", late_source AS "lateSource"
     FROM freshet.observation_revision WHERE series_id = $1 AND starts_at = $2 ORDER BY id DESC`,
    [seriesId, startsAt],
  );
  const onTop = revisions.filter(({ late }) => !late);
  const steps: Step[] = [{ ...current, seenAt: onTop[0]?.seenAt ?? firstSeen, late: false }];
  let replaced = 0;
  for (const revision of revisions) {
    if (revision.late) {
      steps.push({
        value: revision.newValue,
        quality: revision.newValue === null ? 'missing' : 'good',
        seenAt: revision.seenAt,
        mergeId: revision.mergeId,
        chunk: revision.lateChunk ?? 0,
        row: revision.lateRow ?? 0,
        source: revision.lateSource ?? '',
        late: true,
      });
      continue;
    }
    replaced++;
    steps.push({
      value: revision.oldValue,
      quality: revision.oldQuality,
      seenAt: onTop[replaced]?.seenAt ?? firstSeen,
      mergeId: revision.oldMergeId,
      chunk: revision.oldChunk,
      row: revision.oldRow,
      source: revision.oldSource,
      late: false,
    });
  }
  return steps;
}

async function mergesOf(db: Queryable, ids: readonly number[]): Promise<ReadonlyMap<number, Merge>> {
  const rows = await db.query<Merge>(
    `SELECT id, run_id AS "runId", task_id AS "taskId", attempt, content_version AS "contentVersion", requests FROM freshet.merge WHERE id = ANY ($1)`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

const stepView = (step: Step, merge: Merge): LineageStepView => ({
  value: step.value,
  quality: step.quality,
  seenAt: step.seenAt.toISOString(),
  runId: merge.runId,
  taskId: merge.taskId,
  attempt: merge.attempt,
  contentVersion: merge.contentVersion,
  chunk: step.chunk,
  row: step.row,
  request: merge.requests.find(({ chunks }) => chunks && chunks[0] <= step.chunk && step.chunk <= chunks[1]) ?? null,
  source: step.source,
  late: step.late,
});

import type { DatasetDefinition, PagedJson } from '@freshet/domain';

/** What one sequence of pages answers: some values over some intervals. */
export interface Question {
  /** Interval starts, half-open; null where the dataset has none. */
  readonly window: { readonly from: Date; readonly to: Date } | null;
  readonly values: readonly string[];
}

const HOUR_MS = 3_600_000;

/**
 * Divides what a task asks for into questions whose answers, by the estimate of the definition, fit a page each: the window
 * first, in equal parts of whole intervals, and where one interval of all values is too much already, the values. A page limit is
 * then met only where the estimate is too low, and paging takes care of that.
 */
export function planQuestions(
  { pageSize, recordsPerHour }: Pick<PagedJson, 'pageSize' | 'recordsPerHour'>,
  resolutionSeconds: number,
  window: { readonly from: string; readonly to: string } | null,
  values: readonly string[],
): Question[] {
  if (window === null) return [{ window: null, values }];
  const [from, to] = [Date.parse(window.from), Date.parse(window.to)];
  const intervalMs = resolutionSeconds * 1000;
  const recordsPerInterval = (recordsPerHour * intervalMs) / HOUR_MS;
  const together = Math.max(1, Math.min(values.length, Math.floor(pageSize / recordsPerInterval)));
  const intervals = Math.ceil((to - from) / intervalMs);
  const most = Math.max(1, Math.floor(pageSize / (recordsPerInterval * together)));
  const parts = Math.ceil(intervals / most);
  const questions: Question[] = [];
  for (let part = 0; part < parts; part += 1) {
    const start = from + Math.floor((intervals * part) / parts) * intervalMs;
    const end = part === parts - 1 ? to : from + Math.floor((intervals * (part + 1)) / parts) * intervalMs;
    for (let first = 0; first < values.length; first += together) {
      const some = values.slice(first, first + together);
      questions.push({ window: { from: new Date(start), to: new Date(end) }, values: some });
    }
  }
  return questions;
}

/** How long an interval of the dataset is, and which of its ends the publisher's stamps name. */
export function stampsOf({ timeseries }: Pick<DatasetDefinition, 'timeseries'>): {
  resolutionSeconds: number;
  stamp: 'start' | 'end';
} {
  return timeseries?.time ?? { resolutionSeconds: 3600, stamp: 'start' };
}

import { Cron } from 'croner';
import type { Calendar, DatasetDefinition, SeriesDefinition } from '@freshet/domain';

export interface Calendars {
  /** Null for a dataset without a schedule. */
  of(definition: DatasetDefinition): Calendar | null;
  /** Of the health check; null where there is none. */
  ofHealth(definition: SeriesDefinition): Calendar | null;
}

/** Cron expressions by croner, in the definition's time zone; nothing is scheduled by croner itself. */
export class CronCalendars implements Calendars {
  private readonly made = new Map<string, Calendar>();

  of(definition: DatasetDefinition): Calendar | null {
    return this.calendarOf(definition.schedule);
  }

  ofHealth({ timeseries }: SeriesDefinition): Calendar | null {
    return this.calendarOf(timeseries.health && { cron: timeseries.health.cron, timeZone: timeseries.health.timeZone });
  }

  private calendarOf(schedule: DatasetDefinition['schedule']): Calendar | null {
    if (!schedule || schedule.cron.length === 0) return null;
    const key = JSON.stringify(schedule);
    const calendar = this.made.get(key) ?? cronCalendar(schedule.cron, schedule.timeZone);
    this.made.set(key, calendar);
    return calendar;
  }
}

/** @throws TypeError for an expression or a zone that croner does not know. */
export function cronCalendar(expressions: readonly string[], timeZone: string): Calendar {
  const crons = expressions.map((expression) => new Cron(expression, { timezone: timeZone, paused: true }));
  return {
    // croner knows whole seconds: a due time within the second of `instant` lies before it unless it is that very instant.
    previous: (instant) =>
      pick(
        crons.map((cron) => cron.previousRuns(1, new Date(Math.ceil(instant.getTime() / 1000) * 1000))[0] ?? null),
        (a, b) => a > b,
      ),
    next: (instant) =>
      pick(
        crons.map((cron) => cron.nextRun(instant)),
        (a, b) => a < b,
      ),
  };
}

const pick = (dates: ReadonlyArray<Date | null>, better: (a: Date, b: Date) => boolean): Date | null =>
  dates.reduce<Date | null>((best, date) => (date && (!best || better(date, best)) ? date : best), null);

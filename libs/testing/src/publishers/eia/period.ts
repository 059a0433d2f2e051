/**
 * Hours are whole numbers: hours since 1970-01-01T00Z of the END of the interval, as EIA stamps them (facts: `period` is the hour
 * ending, UTC, without a zone).
 */
export type Hour = number;

const HOUR_MS = 3_600_000;
const two = (n: number): string => (n < 10 ? `0${n}` : `${n}`);

/** `YYYY-MM-DDTHH`. */
export function stampOf(hour: Hour): string {
  const at = new Date(hour * HOUR_MS);
  return `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}T${two(at.getUTCHours())}`;
}

/** @throws when the text is not a stamp of an hour */
export function hourOf(stamp: string): Hour {
  const ms = /^\d{4}-\d\d-\d\dT\d\d$/.test(stamp) ? Date.parse(`${stamp}:00:00Z`) : NaN;
  if (Number.isNaN(ms)) throw new Error(`"${stamp}" is no hour: YYYY-MM-DDTHH is needed`);
  return ms / HOUR_MS;
}

/** The last hour that has ended by then. */
export const hourAt = (at: Date): Hour => Math.floor(at.getTime() / HOUR_MS);

/** A year, month, day or hour, as `start` and `end` may be. */
const BOUND = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d))?)?)?$/;

/**
 * The first hour whose stamp is not before the text, compared as texts: `2024-01-01` is before `2024-01-01T00`.
 * Undefined when the text is no date.
 */
export function firstHourFrom(text: string): Hour | undefined {
  const match = BOUND.exec(text);
  if (!match) return undefined;
  const [, year, month = '01', day = '01', hour = '00'] = match;
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:00:00Z`);
  const rolled = Number.isNaN(ms) || new Date(ms).getUTCDate() !== Number(day);
  return rolled ? undefined : ms / HOUR_MS;
}

/** The last hour whose stamp is not after the text; `2024-01-02` leaves all of that day out. */
export function lastHourUntil(text: string): Hour | undefined {
  const first = firstHourFrom(text);
  return first === undefined ? undefined : text.length === 13 ? first : first - 1;
}

export interface LocalTime {
  /** Offset from UTC in hours. */
  readonly offset: number;
  /** 0 to 23, of the interval's end. */
  readonly hour: number;
  /** 0 Sunday to 6 Saturday. */
  readonly weekday: number;
  /** 0 on 1 January. */
  readonly dayOfYear: number;
}

const nthSunday = (year: number, month: number, nth: number): number => {
  const first = new Date(Date.UTC(year, month, 1)).getUTCDay();
  return 1 + ((7 - first) % 7) + (nth - 1) * 7;
};

/**
 * The ends of the two hours at which the clocks of a zone (standard offset) change: in spring the first that is no longer
 * standard time, in autumn the first that is again (Energy Policy Act of 2005: second Sunday of March, first of November, 2:00).
 */
export function clockChanges(year: number, standardOffset: number): { spring: Hour; autumn: Hour } {
  const spring = Date.UTC(year, 2, nthSunday(year, 2, 2), 2) / HOUR_MS - standardOffset;
  const autumn = Date.UTC(year, 10, nthSunday(year, 10, 1), 1) / HOUR_MS - standardOffset;
  return { spring: spring + 1, autumn: autumn + 1 };
}

const changes = new Map<number, { spring: Hour; autumn: Hour }>();

export function localTime(hour: Hour, standardOffset: number, observesDst = true): LocalTime {
  const standard = new Date((hour + standardOffset) * HOUR_MS);
  const year = standard.getUTCFullYear();
  const key = year * 100 + standardOffset + 50;
  let change = changes.get(key);
  if (!change) changes.set(key, (change = clockChanges(year, standardOffset)));
  const summer = observesDst && hour >= change.spring && hour < change.autumn;
  const offset = standardOffset + (summer ? 1 : 0);
  const local = new Date((hour + offset) * HOUR_MS);
  return {
    offset,
    hour: local.getUTCHours(),
    weekday: local.getUTCDay(),
    dayOfYear: Math.floor((local.getTime() - Date.UTC(local.getUTCFullYear(), 0, 1)) / 86_400_000),
  };
}

/** `YYYY-MM-DDTHH-05`: the stamp in a zone's own time. */
export function localStamp(hour: Hour, offset: number): string {
  return `${stampOf(hour + offset)}${offset < 0 ? '-' : '+'}${two(Math.abs(offset))}`;
}

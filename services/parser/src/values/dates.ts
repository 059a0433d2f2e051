import {
  canonicalLayout,
  civilMidnight,
  compileDateLayout,
  isoDate,
  isoDateTime,
  type CivilTime,
} from '@freshet/domain';
import { EXACT, INEXACT, MISTYPED, type Converter } from './converter';

/**
 * Dates in the layouts of a resource, which may be mixed in one column. A `date` column takes a time too when it is midnight;
 * any other time in it is a mistyped value, because storing the day alone would lose the rest.
 */
export function createDateConverter(type: 'date' | 'datetime', dateFormats: readonly string[]): Converter {
  const layouts = dateFormats.map(compileDateLayout);
  const midnight = canonicalLayout(layouts, true);
  const timed = canonicalLayout(layouts, false);
  const time: CivilTime = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
  return (text, into) => {
    for (const layout of layouts) {
      const read = layout.parse(text, time);
      if (read === 0) continue;
      const atMidnight = civilMidnight(time);
      if (type === 'date' && !atMidnight) break;
      into.value = type === 'date' ? isoDate(time) : isoDateTime(time);
      into.outcome = read === 2 && layout === (atMidnight ? midnight : timed) ? EXACT : INEXACT;
      return;
    }
    into.outcome = MISTYPED;
  };
}

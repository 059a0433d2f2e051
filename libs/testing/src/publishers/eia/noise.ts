import { mix } from '../bsee/random';

/** A number for a text, so that every series has noise of its own (FNV-1a). */
export function textSeed(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/** 0 (included) to 1, the same for the same three numbers. */
export const unit = (seed: number, series: number, at: number): number => mix(seed, series, at) / 4294967296;

/** 0 to 1, smooth in time: new values every `period` hours, eased between them. */
export function smooth(seed: number, series: number, hour: number, period: number): number {
  const knot = Math.floor(hour / period);
  const t = hour / period - knot;
  const eased = t * t * (3 - 2 * t);
  const own = series + period;
  return unit(seed, own, knot) * (1 - eased) + unit(seed, own, knot + 1) * eased;
}

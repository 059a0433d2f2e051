/** Words of `known` that `typed` may have meant, nearest first. */
export function suggest(typed: string, known: readonly string[], limit = 3): readonly string[] {
  const wanted = typed.toLowerCase();
  const ranked = known
    .map((word) => ({ word, distance: distanceTo(word.toLowerCase(), wanted) }))
    .filter(({ distance }) => distance <= Math.max(2, Math.floor(wanted.length / 3)));
  return ranked
    .sort((a, b) => a.distance - b.distance || a.word.localeCompare(b.word, 'en'))
    .slice(0, limit)
    .map(({ word }) => word);
}

/** A part typed alone (`well` for `bsee.well`) is nearer than any misspelling. */
function distanceTo(word: string, typed: string): number {
  const parts = word.split(/[.\-_]/);
  if (typed.length > 1 && (parts.includes(typed) || word.replace(/[.\-_]/g, '') === typed.replace(/[.\-_]/g, '')))
    return 0;
  return Math.min(
    editDistance(word, typed),
    ...(typed.includes('.') ? [] : parts.map((part) => editDistance(part, typed) + 1)),
  );
}

/** Insertions, removals, replacements and swaps of neighbours (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let twoBack: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = at(previous, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(at(previous, j) + 1, at(row, j - 1) + 1, replaced);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, at(twoBack, j - 2) + 1);
      row.push(best);
    }
    twoBack = previous;
    previous = row;
  }
  return at(previous, b.length);
}

const at = (row: readonly number[], index: number): number => row[index] ?? Number.POSITIVE_INFINITY;

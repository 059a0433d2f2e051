/**
 * Column names as `read_csv` makes them of a header: a name met again becomes `a.1`, `a.2`, … unless that is taken, and a blank
 * one `Unnamed: 3` after its position. Named columns are settled before unnamed ones, so that a given name is kept.
 */
export function pandasColumnNames(header: readonly string[]): string[] {
  const names = header.map((name, position) => (name === '' ? `Unnamed: ${position}` : name));
  const positions = [...names.keys()];
  const order = [...positions.filter((at) => header[at] !== ''), ...positions.filter((at) => header[at] === '')];
  const seen = new Map<string, number>();
  for (const position of order) {
    const original = names[position] ?? '';
    let name = original;
    let count = seen.get(name) ?? 0;
    while (count > 0) {
      seen.set(original, count + 1);
      name = `${original}.${count}`;
      count = names.includes(name) ? count + 1 : (seen.get(name) ?? 0);
    }
    names[position] = name;
    seen.set(name, count + 1);
  }
  return names;
}

/** The one function that puts a name into SQL. Values are always parameters. */
export function quoteIdent(...path: readonly [string, ...string[]]): string {
  return path.map(quoteOne).join('.');
}

function quoteOne(name: string): string {
  if (name.length === 0 || name.includes('\0')) throw new RangeError(`not an identifier: ${JSON.stringify(name)}`);
  if (Buffer.byteLength(name) > 63)
    throw new RangeError(`an identifier of more than 63 bytes would be cut by PostgreSQL: ${name}`);
  return `"${name.replaceAll('"', '""')}"`;
}

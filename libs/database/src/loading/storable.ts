/** PostgreSQL stores no NUL character and no lone surrogate, in text or in jsonb; both are replaced by something visible. */
const NUL_PICTURE = '\u2400';
const REPLACEMENT = '\ufffd';

export const storableText = (text: string): string =>
  text.replaceAll('\0', NUL_PICTURE).replace(/\p{Surrogate}/gu, REPLACEMENT);

/** JSON text for a jsonb parameter; null for undefined. */
export function storableJson(value: unknown): string | null {
  const json = JSON.stringify(value);
  if (json === undefined) return null;
  // JSON.stringify writes NUL and lone surrogates, and nothing else that matters here, as \u0000 and \ud8…–\udf….
  if (!/\\u(0000|d[89a-f])/.test(json)) return json;
  return (
    JSON.stringify(value, (_, inner: unknown) =>
      typeof inner === 'string' ? storableText(inner) : storableKeys(inner),
    ) ?? null
  );
}

/** Names of columns are keys of what is counted. */
const storableKeys = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [storableText(key), inner]))
    : value;

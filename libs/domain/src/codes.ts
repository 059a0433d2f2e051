import { FreshetError } from './failure';
import type { DatasetDefinition } from './definition';
import type { PublisherCode } from './paging';

/** The publisher's code for what somebody wrote: the code itself, or one of its aliases, in any case; null when there is none. */
export function findCode(codes: readonly PublisherCode[], written: string): PublisherCode | null {
  const wanted = written.trim().toUpperCase();
  return (
    codes.find(({ code }) => code.toUpperCase() === wanted) ??
    codes.find(({ aliases }) => aliases.some((alias) => alias.toUpperCase() === wanted)) ??
    null
  );
}

/** @throws FreshetError `code_unknown`: the publisher would answer it with nothing, as if there were no data. */
export function resolveCode({ id, paging }: Pick<DatasetDefinition, 'id' | 'paging'>, written: string): string {
  const codes = paging?.select.codes ?? [];
  const found = findCode(codes, written);
  if (found) return found.code;
  const what = paging?.select.name ?? 'selection';
  const near = codes.filter(
    ({ code, name }) => near1(code, written) || name.toUpperCase().includes(written.toUpperCase()),
  );
  const suggestion = near.slice(0, 3).map(({ code, name }) => `${code} (${name})`);
  throw new FreshetError('code_unknown', {
    message: `${id} knows no ${what} ${JSON.stringify(written)}${suggestion.length > 0 ? `; did you mean ${suggestion.join(' or ')}?` : ''}`,
    nextStep: paging
      ? `Use one of the publisher's codes; the dataset asks for ${paging.select.values.join(', ')} by itself.`
      : 'This dataset cannot be selected from: leave the selection out.',
    attributes: { dataset: id, code: written.slice(0, 40) },
  });
}

/** Whether two codes differ by one letter, or one begins with the other. */
function near1(code: string, written: string): boolean {
  const [a, b] = [code.toUpperCase(), written.trim().toUpperCase()];
  if (b.length > 1 && (a.startsWith(b) || b.startsWith(a))) return true;
  if (a.length !== b.length) return false;
  return [...a].filter((letter, index) => letter !== b[index]).length === 1;
}

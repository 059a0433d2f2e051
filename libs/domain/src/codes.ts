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

/**
 * @param typed `PJM`, an alias of it, or either after what it is a code of: `respondent=PJM`.
 * @throws FreshetError `code_unknown`: the publisher would answer it with nothing, as if there were no data.
 */
export function resolveCode({ id, paging }: Pick<DatasetDefinition, 'id' | 'paging'>, typed: string): string {
  const codes = paging?.select.codes ?? [];
  const what = paging?.select.name ?? 'selection';
  const [, name = what, written = typed] = /^\s*([a-z][a-z0-9_-]*)=(.*)$/i.exec(typed) ?? [];
  if (paging && name.toLowerCase() !== what.toLowerCase())
    throw new FreshetError('code_unknown', {
      message: `${id} is selected from by ${what}, not by ${JSON.stringify(name)}`,
      nextStep: `Write ${what}=<code>, for example ${what}=${paging.select.values[0] ?? codes[0]?.code ?? 'CODE'}.`,
      attributes: { dataset: id, code: typed.slice(0, 40) },
    });
  const found = findCode(codes, written);
  if (found) return found.code;
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

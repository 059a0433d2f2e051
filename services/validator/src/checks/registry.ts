import { FreshetError, type ColumnCheck, type DatasetDefinition } from '@freshet/domain';
import type { CheckFactory, CheckKind, ValueCheck } from './check';
import { createMaxLengthCheck } from './max-length';
import { createOneOfCheck } from './one-of';
import { createPatternCheck } from './pattern';
import { createRangeCheck } from './range';

/** Every check there is, by the kind a definition gives. `required` is no check but a property of a column. */
export const CHECKS: { readonly [Kind in CheckKind]: CheckFactory<Kind> } = {
  range: createRangeCheck,
  pattern: createPatternCheck,
  oneOf: createOneOfCheck,
  maxLength: createMaxLengthCheck,
};

export function createCheck(check: ColumnCheck): ValueCheck {
  const create = CHECKS[check.kind] as CheckFactory;
  return create(check);
}

/** @throws FreshetError `definition_invalid` at start-up when a definition names a check that does not exist. */
export function assertChecks(definitions: readonly DatasetDefinition[]): void {
  const missing = definitions.flatMap(({ id, resources }) =>
    resources.flatMap(({ name, columns }) =>
      columns.flatMap((column) =>
        column.checks
          .filter(({ kind }) => !Object.hasOwn(CHECKS, kind))
          .map(({ kind }) => `${id} ${name} ${column.name}: ${kind}`),
      ),
    ),
  );
  if (missing.length === 0) return;
  throw new FreshetError('definition_invalid', {
    message: `definitions name checks that do not exist: ${missing.join(', ')}`,
    nextStep: `Use one of: ${Object.keys(CHECKS).join(', ')}.`,
  });
}

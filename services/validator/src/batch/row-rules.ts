import type { StoredColumn } from '@freshet/contracts';
import { storedName, type CheckSeverity, type ResourceDefinition } from '@freshet/domain';
import type { ValueCheck } from '../checks/check';
import { createCheck } from '../checks/registry';

/** What must hold for one column of a batch. */
export interface ColumnRule {
  /** Place among the columns of the batch. */
  readonly index: number;
  readonly published: string;
  readonly required: boolean;
  readonly checks: ReadonlyArray<{
    readonly kind: string;
    readonly severity: CheckSeverity;
    readonly check: ValueCheck;
  }>;
}

/** The rules of a resource for the columns a batch came with, by place; empty where there is nothing to look at. */
export function rulesFor(resource: ResourceDefinition, columns: readonly StoredColumn[]): readonly ColumnRule[] {
  const definitions = new Map(resource.columns.map((column) => [storedName(column.name), column]));
  return columns.flatMap(({ name, published }, index) => {
    const definition = definitions.get(name);
    if (!definition || (!definition.required && definition.checks.length === 0)) return [];
    const checks = definition.checks.map((check) => ({
      kind: check.kind,
      severity: check.severity,
      check: createCheck(check),
    }));
    return [{ index, published, required: definition.required, checks }];
  });
}

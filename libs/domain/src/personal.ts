import { storedName, type ResourceDefinition } from './definition';

/**
 * Whether values of a column, by its published or its stored name, must be masked where people see them: it is marked personal, or
 * its resource has personal columns and nobody declared this one, since it may be one of those under a new name.
 */
export function personalIn(resource: Pick<ResourceDefinition, 'columns'>): (name: string) => boolean {
  const declared = new Map(resource.columns.map(({ name, personal }) => [storedName(name), personal]));
  const any = resource.columns.some(({ personal }) => personal);
  return (name) => any && (declared.get(storedName(name)) ?? true);
}

import { FreshetError, type DatasetDefinition } from '@freshet/domain';

/** Where an API of pages is asked. @throws FreshetError `definition_invalid` where the definition names no address */
export function apiAddress({ id, access }: Pick<DatasetDefinition, 'id' | 'access'>): string {
  const way = access.find(({ kind }) => kind === 'api') ?? access.find(({ kind }) => kind === 'url');
  if (way && 'url' in way) return way.url;
  throw new FreshetError('definition_invalid', {
    message: `the definition of ${id} names no address of an API`,
    nextStep: 'Add an entry `api` to `access` in the definition.',
    attributes: { dataset: id },
  });
}

import { FreshetError, type DatasetDefinition } from '@freshet/domain';
import { CUTTERS } from '../cutters/registry';
import type { Connector } from './connector';
import { pagedJson } from './paged-json';
import { zipArchive } from './zip-archive';

/** Every connector, listed explicitly; a definition names one of these. */
export const CONNECTORS: Readonly<Record<DatasetDefinition['connector'], Connector>> = {
  'zip-archive': zipArchive,
  'paged-json': pagedJson,
};

/** @throws FreshetError `definition_invalid` when a definition names something that is not here: the service does not start. */
export function assertConnectors(definitions: readonly DatasetDefinition[]): void {
  for (const { id, connector, resources } of definitions) {
    if (!Object.hasOwn(CONNECTORS, connector)) throw unknown(id, 'connector', connector);
    for (const { format } of resources)
      if (!Object.hasOwn(CUTTERS, format.reader)) throw unknown(id, 'reader', format.reader);
  }
}

const unknown = (dataset: string, what: string, name: string): FreshetError =>
  new FreshetError('definition_invalid', {
    message: `${dataset} names the ${what} ${JSON.stringify(name)}, which this fetcher does not have`,
    nextStep: `Correct the definition, or run a fetcher that has it; this one has ${Object.keys(CONNECTORS).join(', ')}.`,
    attributes: { dataset, [what]: name },
  });

import { toFailure, type Failure, type PagedJson } from '@freshet/domain';
import { apiAddress } from '../paged/address';
import { Asker, plainUrl, type AskerParts } from './ask-paged';
import { oneRecord } from './paged-question';

export interface Reached {
  readonly url: string;
  /** Why a refresh from here would get nothing now; null when it would. */
  readonly failure: Failure | null;
  /** The variable of a key that is needed and was not given: whether it would be accepted is then not known. */
  readonly keyNotGiven: string | null;
}

/** Whether an API of pages can be reached, by one question for one record; without its key, whether it says that it wants one. @throws FreshetError `definition_invalid` */
export async function reachPaged(parts: AskerParts, paging: PagedJson): Promise<Reached> {
  const { definition, secret } = parts;
  const address = apiAddress(definition);
  const asker = new Asker(parts);
  const { failure } = await asker.ask({
    ...oneRecord(definition, paging, paging.style, address, asker.now()),
    withKey: true,
  });
  const { credential } = definition;
  const keyNotGiven = credential?.required && secret === null ? credential.variable : null;
  const expected = keyNotGiven !== null && failure?.code === 'api_key_refused';
  return { url: plainUrl(address), failure: failure && !expected ? toFailure(failure) : null, keyNotGiven };
}

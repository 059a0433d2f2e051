import { balance } from '@freshet/domain';
import type { Transaction } from '../../base';
import { ledgerTotals } from '../generations';
import type { Candidate } from './candidate';
import { unbalanced } from './failures';

/** The coordinator has looked already; under the exclusive lock it is looked at again. @throws FreshetError `balance_mismatch` */
export async function refuseUnbalanced(tx: Transaction, candidate: Candidate): Promise<void> {
  const sum = balance(candidate.manifest.resources, await ledgerTotals(tx, candidate));
  if (sum.state === 'balanced') return;
  throw unbalanced(
    sum.state === 'waiting' ? `${sum.missingChunks} chunks are missing` : `${sum.resource}: ${sum.detail}`,
  );
}

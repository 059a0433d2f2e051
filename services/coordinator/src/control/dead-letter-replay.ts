import { Inject, Injectable } from '@nestjs/common';
import { TOPICS, type ReplayView } from '@freshet/contracts';
import {
  addToOutbox,
  findDeadLetter,
  markReplayed,
  runParameters,
  type Database,
  type StoredDeadLetter,
} from '@freshet/database';
import { isEnded } from '@freshet/domain';
import { DATABASE } from '../tokens';
import { Problem, conflict, notFound } from './problem';
import { RefreshService } from './refreshes';

/**
 * Gives an undeliverable message another chance. A message of the pipeline belongs to an attempt that was given up because of it,
 * so it comes back as new data: the run, when it goes on, is at a newer attempt already; when it ended, it is run again. Commands
 * that clean up and events are sent as they were, since repeating them is harmless.
 */
@Injectable()
export class DeadLetterReplay {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(RefreshService) private readonly refreshes: RefreshService,
  ) {}

  async replay(id: number): Promise<ReplayView> {
    const letter = await findDeadLetter(this.database, id);
    if (!letter) throw notFound(`there is no dead letter ${id}`, 'freshet dead-letters lists them.');
    const run = letter.runId ? await runParameters(this.database, letter.runId) : null;
    if (!run || !letter.runId) return this.sendAgain(letter);
    if (!isEnded(run.state)) {
      await markReplayed(this.database, id);
      return { runs: [await this.refreshes.view(letter.runId)] };
    }
    if (letter.topic === TOPICS.runEvents || run.state !== 'failed') return this.sendAgain(letter);
    const started = await this.refreshes.retryOnce(letter.runId, `replay:${id}`);
    await markReplayed(this.database, id);
    return { runs: [started] };
  }

  private async sendAgain(letter: StoredDeadLetter): Promise<ReplayView> {
    if (!(Object.values(TOPICS) as string[]).includes(letter.topic)) {
      throw conflict(
        `dead letter ${letter.id} comes from ${letter.topic}, which is no topic of this system`,
        'Nothing can be done with it here.',
      );
    }
    if (isPipeline(letter.topic)) {
      throw new Problem('conflict', {
        error: `dead letter ${letter.id} belongs to no run that failed: sent again it would be fenced and do nothing`,
        nextStep: 'Refresh the dataset.',
      });
    }
    await this.database.transaction(async (tx) => {
      await addToOutbox(tx, letter);
      await markReplayed(tx, letter.id);
    });
    return { runs: [] };
  }
}

const PIPELINE: readonly string[] = [
  TOPICS.fetchRequested,
  TOPICS.chunkFetched,
  TOPICS.batchParsed,
  TOPICS.batchValidated,
];
const isPipeline = (topic: string): boolean => PIPELINE.includes(topic);

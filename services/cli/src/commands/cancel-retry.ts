import { isEnded } from '@freshet/domain';
import { EXIT } from '../exit';
import type { Register } from '../program';
import { followRuns, waitOption } from './follow';
import { runIdOf } from './runs';

export const registerCancel = (register: Register): void =>
  register(
    'cancel <run>',
    'stop a run; what is published stays as it is',
    () => {},
    async ({ client, print }, [id = '']) => {
      const run = await client.cancel(runIdOf(id));
      print.result(run, () => {
        if (!isEnded(run.state)) print.line(`${run.dataset}: cancelling run ${run.id}, now ${run.state}.`);
        else print.line(`${run.dataset}: run ${run.id} is ${run.state}.`);
      });
    },
  );

export const registerRetry = (register: Register): void =>
  register(
    'retry <run>',
    'a new run with the parameters of an ended one',
    waitOption,
    async (session, [id = ''], options) => {
      const run = await session.client.retry(runIdOf(id));
      if (options['wait'] === true) return followRuns(session, [run]);
      session.print.result(run, () => session.print.line(`${run.dataset}: run ${run.id} ${run.state}.`));
      return EXIT.ok;
    },
  );

import type { Installation } from '../support/installation';
import { RELEASE } from '../support/installation';
import { eventually, type Job, type KubernetesObject, type Pod } from '../support/kubectl';

const CRONJOB = `${RELEASE}-bsee-well`;
const EVERY_MINUTE = '* * * * *';

/** CronJobs and `kubectl` as a control surface. */
export function scheduleTests(freshet: () => Installation): void {
  describe('CronJobs', () => {
    const kubectl = () => freshet().kubectl;
    const patch = (spec: object) =>
      kubectl().run(['patch', 'cronjob', CRONJOB, '--type=merge', '-p', JSON.stringify({ spec })]);
    const jobsOf = async (): Promise<Job[]> =>
      (await kubectl().list<Job>('jobs')).filter(({ metadata }) => metadata.name.startsWith(`${CRONJOB}-`));
    const ended = async (name: string): Promise<'Complete' | 'Failed'> =>
      eventually(
        `job ${name} ends`,
        async () => {
          const { status } = await kubectl().get<Job>('job', name);
          const condition = status.conditions?.find(
            ({ type, status: held }) => held === 'True' && /^(Complete|Failed)$/.test(type),
          );
          return condition?.type as 'Complete' | 'Failed' | undefined;
        },
        180_000,
      );
    /** What `kubectl describe pod` shows as the reason of a container's end. */
    const terminationMessage = async (job: string): Promise<string> => {
      const [pod] = await kubectl().list<Pod>('pods', `batch.kubernetes.io/job-name=${job}`);
      return pod?.status.containerStatuses?.[0]?.state.terminated?.message ?? '';
    };
    const createJob = async (name: string, cronjob = CRONJOB): Promise<void> => {
      await kubectl().run(['create', 'job', `--from=cronjob/${cronjob}`, name]);
    };

    it('exist for every schedule of every dataset, with the schedule and the time zone of the definition', async () => {
      const scheduled = (await freshet().client.datasets()).map(({ id }) => id);
      const cronjobs = await kubectl().list<KubernetesObject>('cronjobs');
      const datasetsOf = (schedule: string): string[] =>
        cronjobs
          .filter(({ metadata }) => metadata.labels?.['freshet.dev/schedule'] === schedule)
          .map(({ metadata }) => metadata.labels?.['freshet.dev/dataset'] ?? '')
          .sort();
      expect(datasetsOf('refresh')).toEqual(scheduled.sort());
      // Nightly checks, of time series only.
      expect(datasetsOf('health')).toEqual(scheduled.filter((id) => id.startsWith('eia.')));
      expect(cronjobs).toHaveLength(datasetsOf('refresh').length + datasetsOf('health').length);
    });

    it('start a refresh when created by hand with kubectl', async () => {
      await createJob('manual-1');
      expect(await ended('manual-1')).toBe('Complete');
    });

    it('start refreshes by their schedule, and none while suspended', async () => {
      await patch({ schedule: EVERY_MINUTE, suspend: false });
      const [job] = await eventually(
        'a scheduled job',
        async () => ((await jobsOf()).length > 0 ? jobsOf() : null),
        90_000,
      );
      expect(await ended(job?.metadata.name ?? '')).toBe('Complete');
      await patch({ suspend: true });
      const before = (await jobsOf()).length;
      // One minute boundary at least.
      await new Promise((resolve) => setTimeout(resolve, 65_000));
      expect((await jobsOf()).length).toBe(before);
    });

    it('do not start a second refresh while the first one runs (Forbid)', async () => {
      const cronjob = JSON.parse(await kubectl().run(['get', 'cronjob', CRONJOB, '-o', 'json'])) as {
        spec: { concurrencyPolicy: string };
      };
      expect(cronjob.spec.concurrencyPolicy).toBe('Forbid');
    });

    it('end as a failed Job whose termination message names the failure and the next step', async () => {
      await freshet().simulators.faultOf('bsee.well', { kind: 'not-a-zip' });
      try {
        await createJob('manual-failing');
        expect(await ended('manual-failing')).toBe('Failed');
        expect(await terminationMessage('manual-failing')).toMatch(/bsee\.well.*/s);
      } finally {
        await freshet().simulators.reset();
      }
    });
  });
}

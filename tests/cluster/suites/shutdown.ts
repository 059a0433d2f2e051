import { setTimeout as pause } from 'node:timers/promises';
import { SERVICES, type Installation } from '../support/installation';
import { eventually, type Pod } from '../support/kubectl';
import { contentOf, refreshAll, type Content } from '../support/reference';

/** Keeps a deleted pod's object, with what became of its container, until the test has read it. */
const FINALIZER = 'freshet.test/seen';

/** SIGTERM under load: every service ends by itself inside its grace period. */
export function shutdownTests(freshet: () => Installation, vintages: () => readonly [Content, Content]): void {
  describe('a pod that is told to end in the middle of a refresh', () => {
    it.each(SERVICES)(
      '%s ends inside its grace period with code 0, and nothing is lost',
      async (service) => {
        const { kubectl, client, simulators, databaseUrl } = freshet();
        const vintage = (SERVICES.indexOf(service) % 2) as 0 | 1;
        await simulators.publish(vintage);
        const refreshed = refreshAll(client);
        refreshed.catch(() => undefined);
        await pause(2_000);
        const name = (await freshet().pods(service))[0] ?? '';
        await kubectl.run([
          'patch',
          'pod',
          name,
          '--type=merge',
          '-p',
          JSON.stringify({ metadata: { finalizers: [FINALIZER] } }),
        ]);
        try {
          const began = Date.now();
          await kubectl.run(['delete', 'pod', name, '--wait=false']);
          const { spec } = await kubectl.get<Pod & { spec: { terminationGracePeriodSeconds: number } }>('pod', name);
          const ended = await eventually(
            `${name} ends`,
            async () => (await kubectl.get<Pod>('pod', name)).status.containerStatuses?.[0]?.state.terminated,
            spec.terminationGracePeriodSeconds * 1_000 + 5_000,
          );
          process.stdout.write(
            `  ${service}: ended after ${((Date.now() - began) / 1000).toFixed(1)} s of ${spec.terminationGracePeriodSeconds} s\n`,
          );
          expect(ended).toMatchObject({ exitCode: 0, reason: 'Completed' });
          expect(Date.now() - began).toBeLessThan(spec.terminationGracePeriodSeconds * 1_000);
        } finally {
          await kubectl.run(['patch', 'pod', name, '--type=merge', '-p', '{"metadata":{"finalizers":null}}']);
        }
        await refreshed;
        await freshet().healthy();
        expect(await contentOf(databaseUrl)).toEqual(vintages()[vintage]);
      },
      300_000,
    );
  });
}

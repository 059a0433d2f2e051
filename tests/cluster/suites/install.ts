import type { Installation } from '../support/installation';
import { RELEASE } from '../support/installation';
import { contentOf, refreshAll, type Content } from '../support/reference';

/** `helm install` into a namespace that enforces the restricted standard, and the first refreshes. */
export function installTests(freshet: () => Installation, reference: () => Content): void {
  describe('an installation', () => {
    it('runs every pod under the restricted Pod Security Standard, ready and without a restart', async () => {
      await freshet().healthy();
      const pods = await freshet().kubectl.list<never>('pods', `app.kubernetes.io/instance=${RELEASE}`);
      expect(pods.length).toBeGreaterThanOrEqual(6);
      // The namespace enforces the standard, so what is admitted meets it; a warning would be in the events.
      const events = await freshet().kubectl.run(['get', 'events', '-o', 'jsonpath={.items[*].message}']);
      expect(events).not.toMatch(/violates PodSecurity/);
    });

    it('passes helm test', async () => {
      const output = await freshet().helm(['test', RELEASE, '--logs', '--timeout', '4m']);
      expect(output).toMatch(/Phase:\s+Succeeded/);
      expect(output).not.toMatch(/Phase:\s+Failed/);
    });

    it('publishes all archives and a day of hourly data, equal to standalone', async () => {
      const runs = await refreshAll(freshet().client);
      expect(runs.every(({ state }) => state === 'published' || state === 'unchanged')).toBe(true);
      expect(await contentOf(freshet().databaseUrl)).toEqual(reference());
    });

    it('mounts no service account token where none is needed', async () => {
      const mounts = await freshet().kubectl.run([
        ...['get', 'pods', '-l', `app.kubernetes.io/instance=${RELEASE}`],
        ...['-o', 'jsonpath={.items[*].spec.volumes[*].projected.sources[*].serviceAccountToken}'],
      ]);
      expect(mounts).toBe('');
    });
  });
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import previous from '../previous.json';
import { Installation, RELEASE, ROOT } from '../support/installation';
import { eventually, run, type KubernetesObject } from '../support/kubectl';
import { contentOf, refreshAll, type Content } from '../support/reference';

/** What a release is made of; the namespace, its Secret, the broker and the database are the user's own. */
const KINDS =
  'deployments,pods,jobs,cronjobs,services,configmaps,serviceaccounts,networkpolicies,poddisruptionbudgets,secrets';

/** The previous release becomes this one, and this one the previous one, in the middle of refreshes; then it is removed. */
export function upgradeTests(vintages: () => readonly [Content, Content]): void {
  describe(`an installation of ${previous.version}`, () => {
    let freshet: Installation;
    let folder: string;
    let revision: string;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'freshet-previous-'));
      const chart = await packagedChart(folder);
      freshet = await Installation.prepare({ namespace: 'freshet-upgrade' });
      await freshet.install({ chart, set: { 'image.tag': previous.version, 'migrations.job': 'false' } });
    }, 300_000);
    afterAll(async () => {
      await freshet?.remove();
      rmSync(folder, { recursive: true, force: true });
    }, 240_000);

    /** A refresh of everything with `change` in its middle. */
    async function refreshedDuring(vintage: 0 | 1, change: () => Promise<unknown>): Promise<void> {
      await freshet.simulators.publish(vintage);
      const refreshed = refreshAll(freshet.client);
      refreshed.catch(() => undefined);
      await pause(1_500);
      await change();
      await refreshed;
      await freshet.healthy();
      expect(await contentOf(freshet.databaseUrl)).toEqual(vintages()[vintage]);
      expect(await freshet.client.deadLetters()).toEqual([]);
    }
    const images = async (): Promise<string[]> => {
      const text = await freshet.kubectl.run([
        ...['get', 'deployments', '-l', `app.kubernetes.io/instance=${RELEASE}`],
        ...['-o', 'jsonpath={range .items[*]}{.spec.template.spec.containers[0].image}{"\\n"}{end}'],
      ]);
      return [
        ...new Set(
          text
            .trim()
            .split('\n')
            .map((image) => image.split(':').at(-1) ?? ''),
        ),
      ];
    };

    it('publishes what standalone publishes', () => refreshedDuring(0, async () => undefined), 300_000);

    it('becomes this version in the middle of a refresh', async () => {
      expect(await images()).toEqual([previous.version]);
      revision =
        (JSON.parse(await freshet.helm(['history', RELEASE, '-o', 'json'])) as Array<{ revision: number }>)
          .at(-1)
          ?.revision.toString() ?? '';
      await refreshedDuring(1, () => freshet.upgrade());
      expect(await images()).not.toContain(previous.version);
    }, 400_000);

    it('becomes the previous version again in the middle of a refresh, with the newer schema', async () => {
      await refreshedDuring(0, () => freshet.helm(['rollback', RELEASE, revision, '--wait', '--timeout', '5m']));
      expect(await images()).toEqual([previous.version]);
    }, 400_000);

    it('goes forward once more', () => refreshedDuring(1, () => freshet.upgrade()), 400_000);

    it('leaves nothing of itself behind when it is uninstalled in the middle of a refresh, and loses nothing', async () => {
      const before = await contentOf(freshet.databaseUrl);
      await freshet.simulators.publish(0);
      const runs = await freshet.client.startRefresh({ datasets: ['bsee'] });
      await freshet.helm(['uninstall', RELEASE, '--wait', '--timeout', '3m']);
      await eventually('all pods are gone', async () => (await left(freshet)).length === 0, 90_000).catch(
        () => undefined,
      );
      expect(await left(freshet)).toEqual([]);
      const after = await contentOf(freshet.databaseUrl);
      // Each dataset is whole: as it was, or as of the refresh.
      for (const dataset of Object.keys(before.archives)) {
        const allowed = [before.archives[dataset], vintages()[0].archives[dataset]];
        expect(allowed).toContainEqual(after.archives[dataset]);
      }
      expect(after.series).toEqual(before.series);

      await freshet.upgrade();
      await freshet.reconnect();
      for (const { id } of runs) await freshet.client.waitForRun(id, { signal: AbortSignal.timeout(240_000) });
      await refreshedDuring(0, async () => undefined);
    }, 600_000);
  });
}

const left = async ({ kubectl }: Installation): Promise<string[]> =>
  (await kubectl.list<KubernetesObject & { kind: string }>(KINDS, `app.kubernetes.io/instance=${RELEASE}`)).map(
    ({ kind, metadata }) => `${kind} ${metadata.name}`,
  );

/** The chart of the previous release, as `helm package` makes it. */
async function packagedChart(folder: string): Promise<string> {
  await run('git', ['-C', ROOT, 'worktree', 'add', '--quiet', '--detach', join(folder, 'source'), previous.commit]);
  try {
    await run('helm', [
      'package',
      join(folder, 'source', 'helm', 'freshet'),
      '--destination',
      folder,
      '--version',
      previous.version,
      '--app-version',
      previous.version,
    ]);
  } finally {
    await run('git', ['-C', ROOT, 'worktree', 'remove', '--force', join(folder, 'source')]);
  }
  return join(folder, `freshet-${previous.version}.tgz`);
}

import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import { RELEASE, type Installation } from '../support/installation';
import { eventually, type KubernetesObject } from '../support/kubectl';
import { contentOf, refreshAll, refreshed, type Content } from '../support/reference';

const STAGES = ['parser', 'validator', 'loader'] as const;
const BY_LAG = [...STAGES, 'fetcher'] as const;
const VALUES = join(__dirname, '..', 'values');

interface Deployment extends KubernetesObject {
  readonly spec: { readonly replicas: number };
  readonly status: { readonly readyReplicas?: number };
}

interface Autoscaler extends KubernetesObject {
  readonly status: {
    readonly currentReplicas?: number;
    readonly desiredReplicas?: number;
    readonly currentMetrics?: readonly object[] | null;
  };
}

/** More and fewer replicas: by hand, by CPU (HPA), by lag and tasks (KEDA). */
export function scalingTests(freshet: () => Installation, vintages: () => readonly [Content, Content]): void {
  const kubectl = () => freshet().kubectl;
  const replicasOf = async (service: string): Promise<number> =>
    (await kubectl().get<Deployment>('deployment', `${RELEASE}-${service}`)).spec.replicas;
  const scale = (service: string, replicas: number): Promise<string> =>
    kubectl().run(['scale', `deployment/${RELEASE}-${service}`, `--replicas=${replicas}`]);
  const equals = async (vintage: 0 | 1): Promise<void> => {
    expect(await contentOf(freshet().databaseUrl)).toEqual(vintages()[vintage]);
    expect(await freshet().client.deadLetters()).toEqual([]);
  };

  describe('scaling by hand', () => {
    it('from one to three replicas and back in the middle of a refresh loses and doubles nothing', async () => {
      await freshet().simulators.publish(1);
      const published = refreshAll(freshet().client);
      published.catch(() => undefined);
      await Promise.all(STAGES.map((service) => scale(service, 3)));
      await Promise.all(STAGES.map((service) => kubectl().rolledOut(`deployment/${RELEASE}-${service}`)));
      await pause(2_000);
      await Promise.all(STAGES.map((service) => scale(service, 1)));
      await published;
      await freshet().healthy();
      await equals(1);
    });
  });

  describe('a HorizontalPodAutoscaler', () => {
    beforeAll(() => freshet().upgrade({ values: [join(VALUES, 'hpa.yaml')] }), 300_000);

    it('reads the use of CPU, adds parsers under load, and takes them away again', async () => {
      const name = `${RELEASE}-parser`;
      const hpa = () => kubectl().get<Autoscaler>('hpa', name);
      await eventually(
        'the autoscaler has a measurement',
        async () => ((await hpa()).status.currentMetrics ?? []).length > 0,
        120_000,
      );
      const most = await underLoad(freshet(), async () =>
        eventually('a second parser', async () => (await replicasOf('parser')) > 1, 180_000),
      );
      expect(most).toBe(true);
      await eventually('one parser again', async () => (await replicasOf('parser')) === 1, 240_000);
      await equals(0);
    }, 600_000);
  });

  describe('KEDA', () => {
    beforeAll(() => freshet().upgrade({ values: [join(VALUES, 'keda.yaml')] }), 300_000);

    const allAre = (replicas: number) => async (): Promise<boolean> =>
      (await Promise.all(BY_LAG.map(replicasOf))).every((count) => count === replicas);

    it('takes idle services to zero, brings them back for a refresh by lag and tasks, and takes them to zero again', async () => {
      await eventually('everything idle is at zero', allAre(0), 240_000);
      await freshet().simulators.publish(1);
      await refreshAll(freshet().client);
      await equals(1);
      await eventually('everything idle is at zero again', allAre(0), 240_000);
    }, 900_000);

    it('does not cut off a slow download by scaling down', async () => {
      await freshet().simulators.publish(0);
      // The archive comes in drips that take several times the cooldown of the autoscaler, while no message waits anywhere.
      await freshet().simulators.faultOf('bsee.well', { kind: 'drip', bytes: 8_192, everyMs: 1_000 });
      const began = Date.now();
      try {
        const runs = await refreshed(freshet().client, { datasets: ['bsee.well'] });
        process.stdout.write(`  a download of ${((Date.now() - began) / 1000).toFixed(0)} s\n`);
        expect(Date.now() - began).toBeGreaterThan(60_000);
        expect(runs.map(({ attempt }) => attempt)).toEqual([1]);
      } finally {
        await freshet().simulators.reset();
      }
    }, 600_000);

    afterAll(() => freshet().upgrade(), 300_000);
  });
}

/** Refreshes again and again until what is waited for has happened. */
async function underLoad<T>(freshet: Installation, wait: () => Promise<T>): Promise<T> {
  let done = false;
  const load = (async () => {
    for (let i = 0; !done || i % 2 === 0; i += 1) {
      await freshet.simulators.publish(i % 2 === 0 ? 1 : 0);
      await refreshed(freshet.client, { datasets: ['bsee.production', 'bsee.war', 'bsee.well'] });
    }
  })();
  try {
    return await Promise.race([wait(), load.then(() => Promise.reject(new Error('the load ended first')))]);
  } finally {
    done = true;
    await load;
  }
}

import { setTimeout as pause } from 'node:timers/promises';
import { seededRandom } from '../../random';
import { RELEASE, SERVICES, type Installation } from '../support/installation';
import { eventually, run, type Pod } from '../support/kubectl';
import { Cable } from '../support/network';
import { contentOf, refreshAll, type Content } from '../support/reference';

const VICTIMS = [...SERVICES, 'kafka', 'postgres'] as const;
type Victim = (typeof VICTIMS)[number];

/** FRESHET_POD_KILLS: how many (30 for the full proof). FRESHET_SEED: the seed that an earlier run printed. */
const KILLS = Number(process.env['FRESHET_POD_KILLS'] ?? 30);
const SEED = Number(process.env['FRESHET_SEED'] ?? Date.now() % 1_000_000);
const KILLS_A_ROUND = 3;
const ROUND_TIMEOUT_MS = 300_000;

interface World {
  readonly freshet: () => Installation;
  /** What standalone makes of the publishers' vintages 0 and 1. */
  readonly vintages: () => readonly [Content, Content];
}

/** Pods are deleted, starved, cut off and drained in the middle of refreshes; every refresh ends published, equal to standalone. */
export function healingTests({ freshet, vintages }: World): void {
  const podOf = async (victim: Victim): Promise<string | undefined> => {
    const names = await freshet().pods(victim);
    return names[0];
  };

  /** Refreshes everything while `disturb` goes on, and compares. */
  async function undisturbedBy(vintage: 0 | 1, disturb: () => Promise<void>): Promise<void> {
    await freshet().simulators.publish(vintage);
    const client = freshet().client;
    const [ended] = await Promise.allSettled([refreshAll(client), disturb()]).then((results) => {
      for (const result of results) if (result.status === 'rejected') throw result.reason;
      return results;
    });
    expect(ended?.status).toBe('fulfilled');
    await freshet().healthy();
    expect(await contentOf(freshet().databaseUrl)).toEqual(vintages()[vintage]);
    expect(await freshet().client.deadLetters()).toEqual([]);
  }

  describe(`a cluster that loses pods (seed ${SEED})`, () => {
    it(
      `publishes everything, whole, while ${KILLS} pods are deleted`,
      async () => {
        const next = seededRandom(SEED);
        const order = Array.from({ length: KILLS }, (_, i) =>
          // Everyone once before anyone twice.
          i < VICTIMS.length ? VICTIMS[(i + SEED) % VICTIMS.length] : VICTIMS[Math.floor(next() * VICTIMS.length)],
        ) as Victim[];
        for (let at = 0; at < order.length; at += KILLS_A_ROUND) {
          const vintage = ((at / KILLS_A_ROUND) % 2) as 0 | 1;
          const began = Date.now();
          await undisturbedBy(vintage, async () => {
            for (const victim of order.slice(at, at + KILLS_A_ROUND)) {
              await pause(500 + next() * 3_000);
              const pod = await eventually(`a pod of ${victim}`, () => podOf(victim));
              const forced = next() < 0.5;
              await freshet().kubectl.run([
                ...['delete', 'pod', pod, '--wait=false'],
                ...(forced ? ['--grace-period=0', '--force'] : []),
              ]);
              process.stdout.write(`  ${victim} deleted${forced ? ' by force' : ''}\n`);
            }
          });
          process.stdout.write(
            `  round ${at / KILLS_A_ROUND + 1}: equal after ${((Date.now() - began) / 1000).toFixed(0)} s\n`,
          );
        }
      },
      (KILLS / KILLS_A_ROUND) * ROUND_TIMEOUT_MS,
    );

    it(
      'goes on after a cordon and drain of the node',
      () =>
        undisturbedBy(0, async () => {
          const nodes = JSON.parse(await run('kubectl', ['get', 'nodes', '-o', 'json'])) as { items: Pod[] };
          const node = nodes.items[0]?.metadata.name ?? '';
          await run('kubectl', ['cordon', node]);
          try {
            await run(
              'kubectl',
              [
                ...['drain', node, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=120s'],
                ...['--pod-selector', `app.kubernetes.io/instance=${RELEASE}`],
              ],
              { timeoutMs: 150_000 },
            );
          } finally {
            await run('kubectl', ['uncordon', node]);
          }
        }),
      ROUND_TIMEOUT_MS,
    );

    it(
      'goes on after a parser was killed for its memory',
      () =>
        undisturbedBy(1, async () => {
          await pause(1_000);
          const pod = await eventually('a parser', () => podOf('parser'));
          // Many processes smaller than the service, together beyond the limit: the kernel kills the largest, process 1.
          const hungry = `const{spawn}=require('node:child_process');const grow="const b=[];for(let i=0;i<25;i++)b.push(Buffer.alloc(1<<20,1));setTimeout(()=>{},20000)";for(let i=0;i<12;i++)spawn(process.execPath,['-e',grow],{stdio:'ignore'});setTimeout(()=>{},20000)`;
          await freshet()
            .kubectl.run(['exec', pod, '--', 'node', '-e', hungry], { timeoutMs: 60_000 })
            .catch(() => undefined);
          await eventually('the parser was OOMKilled', async () => {
            const { status } = await freshet().kubectl.get<Pod>('pod', pod);
            const [container] = status.containerStatuses ?? [];
            const ends = [container?.state.terminated?.reason, container?.lastState.terminated?.reason];
            return ends.includes('OOMKilled');
          });
        }),
      ROUND_TIMEOUT_MS,
    );

    it.each(['coordinator', 'loader', 'fetcher'] as const)(
      'goes on when a %s vanishes without a goodbye',
      (victim) =>
        undisturbedBy(victim === 'loader' ? 1 : 0, async () => {
          await pause(1_500);
          const pod = await eventually(`a pod of ${victim}`, () => podOf(victim));
          const cable = await Cable.of(freshet().kubectl, pod);
          await cable.cut();
          await freshet().kubectl.run(['delete', 'pod', pod, '--grace-period=0', '--force', '--wait=false']);
        }),
      ROUND_TIMEOUT_MS,
    );

    it.each(['kafka', 'postgres'] as const)(
      'goes on after a minute without %s',
      (dependency) =>
        undisturbedBy(dependency === 'kafka' ? 0 : 1, async () => {
          await pause(1_500);
          const cable = await Cable.of(
            freshet().kubectl,
            await eventually(`the pod of ${dependency}`, () => podOf(dependency)),
          );
          await cable.cut();
          await pause(60_000);
          await cable.mend();
        }),
      ROUND_TIMEOUT_MS,
    );
  });
}

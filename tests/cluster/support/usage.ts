import { setTimeout as pause } from 'node:timers/promises';
import { run, type Kubectl } from './kubectl';

/** Working set in MiB (what the limit counts), and CPU in thousandths of a core. */
export interface Usage {
  readonly memory: number;
  readonly cpu: number;
}

interface PodMetrics {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
  readonly containers: ReadonlyArray<{ readonly usage: { readonly cpu: string; readonly memory: string } }>;
}

/** Of every component of the release now, the largest pod of each, as metrics-server measures it. */
export async function usageOf(kubectl: Kubectl): Promise<Map<string, Usage>> {
  const path = `/apis/metrics.k8s.io/v1beta1/namespaces/${kubectl.namespace}/pods`;
  const { items } = JSON.parse(await run('kubectl', ['get', '--raw', path])) as { items: PodMetrics[] };
  const all = new Map<string, Usage>();
  for (const { metadata, containers } of items) {
    const component = metadata.labels?.['app.kubernetes.io/component'];
    if (component === undefined) continue;
    const usage = {
      memory: Math.round(containers.reduce((sum, container) => sum + mebibytes(container.usage.memory), 0)),
      cpu: Math.round(containers.reduce((sum, container) => sum + millicores(container.usage.cpu), 0)),
    };
    all.set(component, peak(all.get(component), usage));
  }
  return all;
}

/** The peak of every component while `work` goes on. */
export async function peakUsage<T>(
  kubectl: Kubectl,
  work: Promise<T>,
): Promise<{ readonly result: T; readonly peaks: Map<string, Usage> }> {
  const peaks = new Map<string, Usage>();
  let ended = false;
  const sampling = (async () => {
    while (!ended) {
      for (const [component, usage] of await usageOf(kubectl).catch(() => new Map<string, Usage>()))
        peaks.set(component, peak(peaks.get(component), usage));
      await pause(2_000);
    }
  })();
  try {
    return { result: await work, peaks };
  } finally {
    ended = true;
    await sampling;
  }
}

export function table(title: string, usage: ReadonlyMap<string, Usage>): string {
  const lines = [...usage]
    .sort(([a], [b]) => a.localeCompare(b, 'en'))
    .map(
      ([component, { memory, cpu }]) =>
        `  ${component.padEnd(12)} ${String(memory).padStart(5)} MiB ${String(cpu).padStart(5)} m`,
    );
  return `${title}\n${lines.join('\n')}\n`;
}

const peak = (a: Usage | undefined, b: Usage): Usage => ({
  memory: Math.max(a?.memory ?? 0, b.memory),
  cpu: Math.max(a?.cpu ?? 0, b.cpu),
});

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
};

/** Of a Kubernetes quantity. */
function amount(quantity: string): number {
  const [, number = '', unit = ''] = /^(\d+)([A-Za-z]*)$/.exec(quantity) ?? [];
  const factor = UNITS[unit];
  if (number === '' || factor === undefined) throw new Error(`not a quantity: ${quantity}`);
  return Number(number) * factor;
}
const mebibytes = (quantity: string): number => amount(quantity) / 2 ** 20;
const millicores = (quantity: string): number => amount(quantity) * 1e3;

import { run, type Kubectl, type Pod } from './kubectl';

/**
 * Takes the cable out of a pod: its packets vanish, and neither side hears of it, which is what the loss of a node looks like to
 * everyone else. Works where this process shares the network of the node (deploy/local-cluster), by the pod's end of its veth pair.
 */
export class Cable {
  private constructor(private readonly link: string) {}

  static async of(kubectl: Kubectl, pod: string): Promise<Cable> {
    const { status } = await kubectl.get<Pod>('pod', pod);
    const mac = await hardwareAddress(status.podIP ?? '');
    const entries = JSON.parse(await run('bridge', ['-json', 'fdb', 'show', 'br', 'cni0'])) as ReadonlyArray<{
      mac: string;
      ifname: string;
    }>;
    const link = entries.find((entry) => entry.mac === mac && entry.ifname.startsWith('veth'))?.ifname;
    if (link === undefined) throw new Error(`no link of the bridge leads to pod ${pod} (${status.podIP}, ${mac})`);
    return new Cable(link);
  }

  async cut(): Promise<void> {
    await run('ip', ['link', 'set', this.link, 'down']);
  }

  async mend(): Promise<void> {
    await run('ip', ['link', 'set', this.link, 'up']);
  }
}

/** Of the pod with that address; the kubelet's probes have made the node learn it. */
async function hardwareAddress(ip: string): Promise<string> {
  const neighbours = JSON.parse(await run('ip', ['-json', 'neighbour', 'show', ip])) as ReadonlyArray<{
    lladdr?: string;
  }>;
  const address = neighbours.find(({ lladdr }) => lladdr !== undefined)?.lladdr;
  if (address === undefined) throw new Error(`the node does not know the hardware address of ${ip}`);
  return address;
}

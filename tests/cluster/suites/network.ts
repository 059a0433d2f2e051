import { RELEASE, SERVICES, IMAGES, VERSION, type Installation } from '../support/installation';
import { CommandError } from '../support/kubectl';
import { OUTSIDE, Outside } from '../support/outside';

type Source = (typeof SERVICES)[number] | 'cli' | 'stranger';

/** Who may open a connection to what. Whatever is not named may not; the fetcher's way to the simulators is declared in values/test.yaml. */
const ALLOWED: Readonly<
  Record<string, { readonly host: string; readonly port: number; readonly from: readonly Source[] }>
> = {
  'the broker': { host: 'kafka', port: 9092, from: [...SERVICES, 'stranger'] },
  'the database': { host: 'postgres', port: 5432, from: ['coordinator', 'loader', 'reporter', 'stranger'] },
  'the API': { host: `${RELEASE}-coordinator`, port: 8080, from: ['cli'] },
  'the worker port': { host: `${RELEASE}-coordinator`, port: 9090, from: ['fetcher'] },
  'a simulated publisher': { host: `${RELEASE}-simulators`, port: 8081, from: ['fetcher'] },
  'health and metrics of another service': { host: 'POD_OF_PARSER', port: 8080, from: [] },
  'the API server': { host: 'kubernetes.default.svc', port: 443, from: [] },
};

const BEYOND: Readonly<
  Record<string, { readonly host: string; readonly port: number; readonly from: readonly Source[] }>
> = {
  'a public address': { host: OUTSIDE.public, port: 443, from: ['fetcher'] },
  'a private address (10/8)': { host: OUTSIDE.private10, port: 443, from: [] },
  'a private address (172.16/12)': { host: OUTSIDE.private172, port: 443, from: [] },
  'a private address (192.168/16)': { host: OUTSIDE.private192, port: 443, from: [] },
  'a shared address (100.64/10)': { host: OUTSIDE.shared, port: 443, from: [] },
  'the metadata of the cloud': { host: OUTSIDE.metadata, port: 80, from: [] },
};

const PROBE_TIMEOUT_MS = 2_000;
/** Prints for each target whether a connection was opened; names are resolved first, so that DNS is never what fails. A policy may drop or refuse. */
const PROBE = `const net=require('node:net');const dns=require('node:dns').promises;
const probe=async([name,host,port])=>{let address=host;try{address=(await dns.lookup(host,{family:4})).address}catch(error){return [name,'no name: '+error.code]}
return new Promise((resolve)=>{const socket=net.connect({host:address,port});const end=(what)=>{socket.destroy();resolve([name,what])};
socket.setTimeout(${PROBE_TIMEOUT_MS},()=>end('blocked'));socket.on('connect',()=>end('open'));socket.on('error',()=>end('blocked'))})};
Promise.all(JSON.parse(process.argv[1]).map(probe)).then((all)=>console.log(JSON.stringify(Object.fromEntries(all))))`;

/** NetworkPolicies, enforced: each flow is tried from a pod. */
export function networkTests(freshet: () => Installation): void {
  describe('NetworkPolicies', () => {
    let outside: Outside;
    const sources: Source[] = [...SERVICES, 'cli', 'stranger'];

    beforeAll(async () => {
      outside = await Outside.open();
      await freshet().healthy();
      const template = await cliPod(freshet());
      await freshet().kubectl.apply(JSON.stringify(template));
      await freshet().kubectl.apply(JSON.stringify(stranger(freshet().kubectl.namespace)));
      for (const name of ['cli', 'stranger'])
        await freshet().kubectl.run(['wait', '--for=condition=Ready', `pod/probe-${name}`, '--timeout=60s']);
    });
    afterAll(async () => {
      await outside?.close();
      await freshet().kubectl.run(['delete', 'pod', 'probe-cli', 'probe-stranger', '--now', '--ignore-not-found']);
    });

    it.each(sources)('let %s open exactly the connections of the design', async (source) => {
      const { kubectl } = freshet();
      const pod =
        source === 'cli' || source === 'stranger' ? `probe-${source}` : ((await freshet().pods(source))[0] ?? '');
      const other = (
        await kubectl.run([
          'get',
          'pods',
          '-l',
          'app.kubernetes.io/component=parser',
          '-o',
          'jsonpath={.items[0].status.podIP}',
        ])
      ).trim();
      const flows = Object.entries({ ...ALLOWED, ...(source === 'stranger' ? {} : BEYOND) }).filter(
        // A pod may always talk to itself.
        ([, { host }]) => !(source === 'parser' && host === 'POD_OF_PARSER'),
      );
      const targets = flows.map(([name, { host, port }]) => [name, host === 'POD_OF_PARSER' ? other : host, port]);
      const found = JSON.parse(
        await kubectl.run(['exec', pod, '--', 'node', '-e', PROBE, JSON.stringify(targets)]),
      ) as Record<string, string>;
      const wanted = Object.fromEntries(
        flows.map(([name, { from }]) => [
          name,
          from.includes(source) || (source === 'stranger' && name === 'the API server') ? 'open' : 'blocked',
        ]),
      );
      expect(found).toEqual(wanted);
    });

    it('keep what has no policy of its own out of reach even for a moment of a new pod', async () => {
      // Default deny selects the pods of the release by its labels, so a pod nobody thought of is shut in as well.
      await freshet().kubectl.apply(
        JSON.stringify(
          pod(freshet().kubectl.namespace, 'probe-unknown', {
            'app.kubernetes.io/instance': RELEASE,
            'app.kubernetes.io/name': 'freshet',
          }),
        ),
      );
      try {
        await freshet().kubectl.run(['wait', '--for=condition=Ready', 'pod/probe-unknown', '--timeout=60s']);
        const database = (
          await freshet().kubectl.run(['get', 'service', 'postgres', '-o', 'jsonpath={.spec.clusterIP}'])
        ).trim();
        const answer = await freshet()
          .kubectl.run([
            'exec',
            'probe-unknown',
            '--',
            'node',
            '-e',
            PROBE,
            JSON.stringify([['database', database, 5432]]),
          ])
          .catch((error: unknown) => (error instanceof CommandError ? error.message : String(error)));
        expect(answer.trim()).toBe('{"database":"blocked"}');
      } finally {
        await freshet().kubectl.run(['delete', 'pod', 'probe-unknown', '--now']);
      }
    });
  });
}

interface PodTemplate {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
}

/** A pod with the labels of those that a CronJob starts. */
async function cliPod({ kubectl }: Installation): Promise<object> {
  const cronjob = JSON.parse(await kubectl.run(['get', 'cronjob', `${RELEASE}-bsee-well`, '-o', 'json'])) as {
    spec: { jobTemplate: { spec: { template: PodTemplate } } };
  };
  return pod(kubectl.namespace, 'probe-cli', cronjob.spec.jobTemplate.spec.template.metadata?.labels ?? {});
}

const stranger = (namespace: string): object => pod(namespace, 'probe-stranger', {});

const pod = (namespace: string, name: string, labels: Readonly<Record<string, string>>): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels },
  spec: {
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'probe',
        image: `${IMAGES}/cli:${VERSION}`,
        command: ['node', '-e', 'setInterval(()=>{},1e6)'],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ],
  },
});

import { isPublicAddress } from '@freshet/publisher';
import ipaddr from 'ipaddr.js';
import { CI, describeWithHelm, render, type Manifest } from './helm';
import { podsOf, type Pod } from './pods';

type Labels = Readonly<Record<string, string>>;
interface Peer {
  readonly podSelector?: { readonly matchLabels: Labels };
  readonly namespaceSelector?: object;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}
interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: ReadonlyArray<{ readonly port: number }>;
}
interface Policy {
  readonly podSelector: { readonly matchLabels: Labels };
  readonly policyTypes: readonly string[];
  readonly ingress?: readonly Rule[];
  readonly egress?: readonly Rule[];
}

const KINDS = ['coordinator', 'fetcher', 'parser', 'validator', 'loader', 'reporter', 'simulators', 'cli', 'migrate'];
const PORTS = [80, 443, 4318, 5432, 8080, 8081, 8082, 8083, 9090, 9092];

const policiesOf = (objects: readonly Manifest[]): Policy[] =>
  objects.filter(({ kind }) => kind === 'NetworkPolicy').map(({ spec }) => spec as Policy);
const selects = (selector: { readonly matchLabels: Labels }, labels: Labels): boolean =>
  Object.entries(selector.matchLabels).every(([key, value]) => labels[key] === value);

/** Rules that hold for a pod in one direction; null where no policy restricts it. */
function rulesOf(policies: readonly Policy[], labels: Labels, direction: 'ingress' | 'egress'): readonly Rule[] | null {
  const type = direction === 'ingress' ? 'Ingress' : 'Egress';
  const own = policies.filter(
    ({ podSelector, policyTypes }) => selects(podSelector, labels) && policyTypes.includes(type),
  );
  return own.length === 0 ? null : own.flatMap((policy) => policy[direction] ?? []);
}

/** Whether a rule names pods of this release, rather than any address on a port. */
const names = (peers: readonly Peer[] | undefined, labels: Labels): boolean =>
  (peers ?? []).some(
    ({ podSelector, namespaceSelector }) => podSelector && !namespaceSelector && selects(podSelector, labels),
  );
const has = (rule: Rule, port: number): boolean => (rule.ports ?? []).some((each) => each.port === port);

describeWithHelm('network policies', () => {
  const set = { 'simulators.enabled': true };
  const objects = render([CI.default], set);
  const policies = policiesOf(objects);
  const pods = new Map<string, Pod>(podsOf(objects).map((pod) => [pod.component, pod]));
  const labels = (component: string): Labels => pods.get(component)?.labels ?? {};

  it('restrict every pod of the release in both directions', () => {
    expect([...pods.keys()].sort()).toEqual([...KINDS].sort());
    for (const { of, labels: own } of podsOf(render([CI.everythingOn])))
      for (const direction of ['ingress', 'egress'] as const)
        expect([of, direction, rulesOf(policies, own, direction)]).toEqual([of, direction, expect.any(Array)]);
  });

  it('let pods of the release reach each other only as the design says', () => {
    const allowed: string[] = [];
    for (const from of KINDS)
      for (const to of KINDS)
        for (const port of PORTS) {
          const out = rulesOf(policies, labels(from), 'egress')?.some(
            (rule) => names(rule.to, labels(to)) && has(rule, port),
          );
          const into = rulesOf(policies, labels(to), 'ingress')?.some(
            (rule) => names(rule.from, labels(from)) && has(rule, port),
          );
          if (out && into) allowed.push(`${from} → ${to}:${port}`);
        }
    expect(allowed.sort()).toEqual([
      'cli → coordinator:8080',
      'fetcher → coordinator:9090',
      'fetcher → simulators:8081',
      'fetcher → simulators:8082',
    ]);
  });

  it('let no pod in from outside the release unless a value names it', () => {
    for (const component of KINDS)
      for (const { from } of rulesOf(policies, labels(component), 'ingress') ?? [])
        expect(
          from?.every(({ podSelector }) => KINDS.some((each) => podSelector && selects(podSelector, labels(each)))),
        ).toBe(true);
  });

  it.each([
    ['coordinator', [5432, 9092]],
    ['fetcher', [80, 443, 9092]],
    ['parser', [9092]],
    ['validator', [9092]],
    ['loader', [5432, 9092]],
    ['reporter', [5432, 9092]],
    ['simulators', []],
    ['cli', []],
    ['migrate', [5432]],
  ])('let the %s out of the release, besides to the DNS, on %j', (component, ports) => {
    const rules = rulesOf(policies, labels(component), 'egress') ?? [];
    const outside = rules.filter(({ to }) => !to?.some(({ podSelector }) => podSelector));
    expect(outside.flatMap((rule) => rule.ports?.map(({ port }) => port) ?? []).sort((a, b) => a - b)).toEqual(ports);
    const dns = rules.filter((rule) => has(rule, 53));
    expect(dns.length).toBeGreaterThan(0);
    for (const { to } of dns)
      expect(to).toEqual([
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
          podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
        },
      ]);
  });

  it('let the fetcher reach the addresses that the publisher guard takes for public, and no others', () => {
    const blocks = (rulesOf(policies, labels('fetcher'), 'egress') ?? [])
      .filter((rule) => has(rule, 443))
      .flatMap(({ to }) => to?.map(({ ipBlock }) => ipBlock) ?? []);
    const reaches = (address: string): boolean =>
      blocks.some(
        (block) => block && within(address, block.cidr) && !(block.except ?? []).some((cidr) => within(address, cidr)),
      );
    const excepted = blocks.flatMap((block) => block?.except ?? []);
    expect(excepted.length).toBeGreaterThan(15);
    const edges = excepted.flatMap((cidr) => edgesOf(cidr));
    const others = [
      '8.8.8.8',
      '169.254.169.254',
      '100.100.100.200',
      '168.63.129.16',
      '2600:1f00::1',
      '2606:4700::1111',
      'fd00:ec2::254',
      '::1',
      'fe80::1',
      '::ffff:10.0.0.1',
      '64:ff9b::a00:1',
      'ff02::1',
    ];
    const different = [...edges, ...others].filter((address) => reaches(address) !== isPublicAddress(address));
    expect(different).toEqual([]);
  });

  it('follow values: metrics, API, webhooks, telemetry, private publishers', () => {
    const own = policiesOf(render([CI.everythingOn]));
    const egress = (component: string) => JSON.stringify(rulesOf(own, labels(component), 'egress'));
    const ingress = (component: string) => JSON.stringify(rulesOf(own, labels(component), 'ingress'));
    expect(ingress('parser')).toContain('"monitoring"');
    expect(ingress('coordinator')).toMatch(/"ingress".*"keda"/);
    expect(egress('parser')).toContain('4318');
    expect(egress('fetcher')).toContain('10.9.0.0/16');
    expect(egress('reporter')).toContain('443');
    expect(egress('cli')).not.toContain('4318');
  });

  it('are there before the Job that migrates the database, and gone with it', () => {
    const migrate = objects.filter(({ metadata }) => metadata.name === 'freshet-migrate');
    const hooks = migrate.map(({ kind, metadata: { annotations = {} } }) => [
      kind,
      annotations['helm.sh/hook'],
      Number(annotations['helm.sh/hook-weight']),
      annotations['helm.sh/hook-delete-policy'],
    ]);
    const when = 'pre-install,pre-upgrade';
    const gone = 'before-hook-creation,hook-succeeded';
    expect(hooks.sort()).toEqual([
      ['Job', when, 0, gone],
      ['NetworkPolicy', when, -10, gone],
      ['ServiceAccount', when, -10, gone],
    ]);
  });
});

const parsed = (address: string) => ipaddr.parse(address);

function within(address: string, cidr: string): boolean {
  const one = parsed(address);
  const [base, bits] = ipaddr.parseCIDR(cidr);
  return one.kind() === base.kind() && one.match(base, bits);
}

/** The first and the last address of a range, and their neighbours outside. */
function edgesOf(cidr: string): string[] {
  const [base, bits] = ipaddr.parseCIDR(cidr);
  const bytes = base.toByteArray();
  const first = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const width = BigInt(bytes.length * 8);
  const last = first + (1n << (width - BigInt(bits))) - 1n;
  return [first - 1n, first, last, last + 1n]
    .filter((value) => value >= 0n && value < 1n << width)
    .map((value) =>
      ipaddr
        .fromByteArray(bytes.map((_, index) => Number((value >> BigInt((bytes.length - 1 - index) * 8)) & 0xffn)))
        .toString(),
    );
}

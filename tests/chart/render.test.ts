import { CI, CHART, describeWithHelm, helm, NAMESPACE, render, valueArguments } from './helm';

const SETS = [
  ['the defaults', CI.default, {}],
  ['everything on', CI.everythingOn, {}],
  ['everything off', CI.everythingOff, {}],
  ['scaling by CPU', CI.default, { 'autoscaling.mode': 'hpa' }],
] as const;

describeWithHelm('the chart', () => {
  it.each(SETS)('passes helm lint --strict with %s', (_, values, set) => {
    const { status, stdout, stderr } = helm([
      ...['lint', '--strict', CHART, '--kube-version', '1.34.0'],
      ...valueArguments([values], set),
    ]);
    expect({ status, output: stdout + stderr }).toEqual({ status: 0, output: expect.not.stringMatching(/WARN|ERROR/) });
  });

  it.each(SETS)('renders with %s what it rendered before', (_, values, set) => {
    const objects = render([values], set);
    // The definitions are compared with the catalog elsewhere.
    const shown = objects.map((object) =>
      object.metadata.labels['app.kubernetes.io/component'] === 'datasets'
        ? { ...object, data: Object.keys(object.data ?? {}) }
        : object,
    );
    expect(
      JSON.parse(JSON.stringify(shown).replaceAll(/("checksum\/datasets":)"[0-9a-f]{64}"/g, '$1"…"')),
    ).toMatchSnapshot();
  });

  it.each(SETS)(
    'gives every object of %s a name of its own, the labels of Kubernetes and of Helm',
    (_, values, set) => {
      const objects = render([values], set);
      const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? NAMESPACE}/${metadata.name}`);
      expect(new Set(names).size).toBe(names.length);
      for (const { metadata } of objects)
        expect(metadata.labels).toMatchObject({
          'app.kubernetes.io/name': 'freshet',
          'app.kubernetes.io/instance': 'freshet',
          'app.kubernetes.io/component': expect.any(String),
          'app.kubernetes.io/managed-by': 'Helm',
          'helm.sh/chart': expect.stringMatching(/^freshet-/),
        });
    },
  );

  it('renders the same objects every time', () => {
    expect(render([CI.everythingOn])).toEqual(render([CI.everythingOn]));
  });

  it.each([
    ['no Secret', { existingSecret: '' }, /existingSecret is required/],
    ['no broker', { 'kafka.brokers': [] }, /kafka\.brokers is required/],
    ['SASL without a password', { 'kafka.sasl.mechanism': 'plain', 'kafka.sasl.username': 'me' }, /passwordSecret/],
    ['an Ingress without a host', { 'ingress.enabled': true }, /ingress\.host is required/],
    ['a route without a gateway', { 'httpRoute.enabled': true }, /httpRoute\.parentRefs is required/],
    ['topics without a cluster', { 'strimzi.topics': true }, /strimzi\.cluster is required/],
    ['a test of nothing', { 'helmTest.datasets': [] }, /helmTest/],
    ['a private range that is none of IPv6', { 'networkPolicy.privateRanges': ['fd00::/8'] }, /outside 2000::\/3/],
    ['a definition that is no YAML', { 'datasets.extra': { 'a.yaml': 'a: [' } }, /datasets\.extra, a\.yaml/],
    ['a definition without an id', { 'datasets.extra': { 'a.yaml': 'title: A' } }, /has no id/],
  ])('refuses %s and says what to do', (_, set, message) => {
    expect(() => render([CI.default], set)).toThrow(message);
  });

  it('refuses definitions that do not fit into a ConfigMap', () => {
    const definition = `id: a.b\n# ${'x'.repeat(1e6)}`;
    expect(() => render([CI.default], {}, JSON.stringify({ datasets: { extra: { 'a.yaml': definition } } }))).toThrow(
      /takes 1 MiB/,
    );
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TOPICS } from '@freshet/contracts';
import { CI, describeWithHelm, named, render, ROOT } from './helm';

interface Trigger {
  readonly type: string;
  readonly metadata: Readonly<Record<string, string>>;
}
interface ScaledObject {
  readonly minReplicaCount: number;
  readonly maxReplicaCount: number;
  readonly triggers: readonly Trigger[];
  readonly advanced?: { readonly horizontalPodAutoscalerConfig: { readonly behavior: { readonly scaleDown: object } } };
}

const SCALED = ['fetcher', 'parser', 'validator', 'loader'];
const KEDA = { 'autoscaling.mode': 'keda' };

/** Which groups consume which topics, from the handlers of the services. */
function consumers(): Set<string> {
  const sources = readdirSync(join(ROOT, 'services'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /^[a-z]+\/src\/.*\.controller\.ts$/.test(path.replaceAll('\\', '/')))
    .map((path) => readFileSync(join(ROOT, 'services', path), 'utf8'));
  return new Set(
    sources.flatMap((text) =>
      [...text.matchAll(/@Consumes\(TOPICS\.(\w+), \{ group: '(\w+)'/g)].map(
        ([, topic, group]) => `${group}.${TOPICS[topic as keyof typeof TOPICS]}`,
      ),
    ),
  );
}

describeWithHelm('autoscaling by KEDA', () => {
  const objects = render([CI.default], KEDA);
  const scaledObject = (component: string, set = {}): ScaledObject =>
    named(render([CI.default], { ...KEDA, ...set }), 'ScaledObject', `freshet-${component}`).spec as ScaledObject;

  it.each(['parser', 'validator', 'loader'])('adds %ss by the lag of every topic that they consume', (component) => {
    const groups = scaledObject(component).triggers.map(({ type, metadata }) => {
      expect([type, metadata['consumerGroup']]).toEqual(['kafka', `${component}.${metadata['topic']}`]);
      return metadata['consumerGroup'];
    });
    expect(groups.sort()).toEqual([...consumers()].filter((group) => group.startsWith(`${component}.`)).sort());
    expect(groups.length).toBeGreaterThan(0);
  });

  it('adds fetchers by tasks that are pending or leased, because their lag is zero while they download', () => {
    expect(scaledObject('fetcher').triggers).toEqual([
      {
        type: 'metrics-api',
        metadata: {
          url: 'http://freshet-coordinator.data.svc:8080/internal/scaling',
          valueLocation: 'tasks.total',
          targetValue: '2',
          activationTargetValue: '0',
        },
      },
    ]);
  });

  it('never removes some of several fetchers, one of which may still download', () => {
    const scaleDown = (set = {}) =>
      scaledObject('fetcher', set).advanced?.horizontalPodAutoscalerConfig.behavior.scaleDown;
    expect(scaleDown()).toEqual({ selectPolicy: 'Disabled' });
    // Where they never go to zero, all would stay for ever.
    expect(scaleDown({ 'autoscaling.services.fetcher.minReplicas': 1 })).toEqual({ stabilizationWindowSeconds: 3600 });
  });

  it('goes to zero, and leaves the coordinator and the reporter alone, which have work without messages', () => {
    const scaled = objects.filter(({ kind }) => kind === 'ScaledObject');
    expect(scaled.map(({ metadata }) => metadata.name).sort()).toEqual(SCALED.map((name) => `freshet-${name}`).sort());
    for (const { spec } of scaled) expect((spec as ScaledObject).minReplicaCount).toBe(0);
  });

  it.each(['keda', 'hpa'])('(and by %s) decides the number of replicas alone', (mode) => {
    const deployments = render([CI.default], { 'autoscaling.mode': mode }).filter(({ kind }) => kind === 'Deployment');
    const fixed = deployments
      .filter(({ spec }) => 'replicas' in (spec as object))
      .map(({ metadata }) => metadata.labels['app.kubernetes.io/component']);
    expect(fixed.sort()).toEqual(['coordinator', 'reporter']);
  });

  it('asks the brokers with the credentials that the services have', () => {
    const rendered = render([CI.everythingOn]);
    const trigger = (named(rendered, 'ScaledObject', 'freshet-parser').spec as ScaledObject).triggers[0];
    expect(trigger).toMatchObject({
      metadata: { tls: 'enable', sasl: 'scram_sha512' },
      authenticationRef: { name: 'freshet-kafka' },
    });
    expect(named(rendered, 'TriggerAuthentication', 'freshet-kafka').spec).toMatchObject({
      secretTargetRef: expect.arrayContaining([{ parameter: 'password', name: 'kafka-user', key: 'password' }]),
      env: [{ parameter: 'username', name: 'FRESHET_KAFKA_USERNAME' }],
    });
  });
});

describeWithHelm('autoscaling by CPU', () => {
  const scaler = (component: string) =>
    named(render([CI.default], { 'autoscaling.mode': 'hpa' }), 'HorizontalPodAutoscaler', `freshet-${component}`)
      .spec as {
      readonly minReplicas: number;
      readonly behavior: { readonly scaleDown: object };
    };

  it('keeps one replica, because without one there is no CPU to look at', () => {
    for (const component of SCALED) expect(scaler(component).minReplicas).toBe(1);
  });

  it('waits with removing fetchers for longer than the longest download may take', () => {
    expect(scaler('fetcher').behavior.scaleDown).toEqual({ stabilizationWindowSeconds: 3600 });
  });
});

describeWithHelm('topics and the user of Strimzi', () => {
  const rendered = render([CI.everythingOn]);

  it('are the topics of the contracts', () => {
    const topics = rendered.filter(({ kind }) => kind === 'KafkaTopic').map(({ metadata }) => metadata.name);
    expect(topics.sort()).toEqual(Object.values(TOPICS).sort());
  });

  it('may read as every consumer group of the services', () => {
    const { authorization } = named(rendered, 'KafkaUser', 'freshet').spec as unknown as {
      authorization: { acls: Array<{ resource: { type: string; name: string } }> };
    };
    const groups = authorization.acls
      .filter(({ resource }) => resource.type === 'group')
      .map(({ resource }) => resource.name);
    expect(groups.sort()).toEqual([...consumers()].sort());
  });
});

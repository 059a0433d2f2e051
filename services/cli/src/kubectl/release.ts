import { NoCoordinatorError, UsageError } from '../exit';
import { KubectlError, among, explained, type Kubectl } from './kubectl';

interface Deployment {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly status?: { readonly replicas?: number; readonly readyReplicas?: number };
  readonly spec: { readonly replicas?: number; readonly template: { readonly spec: PodSpec } };
}
interface PodSpec {
  readonly volumes?: ReadonlyArray<{
    readonly secret?: { readonly secretName?: string };
    readonly projected?: { readonly sources?: ReadonlyArray<{ readonly secret?: { readonly name?: string } }> };
  }>;
}

export interface Release {
  readonly coordinator: string;
  readonly namespace: string;
  /** Secrets that the coordinator mounts; one of them has the token of the command. */
  readonly secrets: readonly string[];
}

const SUFFIX = '-coordinator';
export const TOKEN_KEY = 'cli-token';

/** @throws UsageError when there is no such release, NoCoordinatorError when no coordinator of it is ready. */
export async function findRelease(kubectl: Kubectl): Promise<Release> {
  const { release } = kubectl.target;
  const coordinator = `${release}${SUFFIX}`;
  let deployment: Deployment;
  try {
    deployment = await kubectl.get<Deployment>('deployment', coordinator);
  } catch (error) {
    throw error instanceof KubectlError && error.notFound
      ? await noRelease(kubectl, error)
      : await explained(kubectl, error);
  }
  const { metadata, spec, status } = deployment;
  if ((status?.readyReplicas ?? 0) === 0) {
    throw new NoCoordinatorError(
      `no coordinator of the release "${release}" in the namespace "${metadata.namespace}" is ready (0 of ${spec.replicas ?? 1})`,
      `Look at its pods: kubectl describe deployment ${coordinator} -n ${metadata.namespace}; kubectl logs deployment/${coordinator} -n ${metadata.namespace}`,
    );
  }
  const volumes = spec.template.spec.volumes ?? [];
  const names = volumes.flatMap(({ secret, projected }) => [
    secret?.secretName,
    ...(projected?.sources ?? []).map((source) => source.secret?.name),
  ]);
  return {
    coordinator,
    namespace: metadata.namespace,
    secrets: [...new Set(names.filter((name) => name !== undefined))],
  };
}

/** @throws UsageError when the user may not read the Secret, or none of those of the coordinator has a token for the command. */
export async function readToken(kubectl: Kubectl, { secrets, namespace }: Release): Promise<string> {
  const ownToken = 'Set FRESHET_TOKEN or FRESHET_TOKEN_FILE to a token of your own.';
  for (const name of secrets) {
    try {
      const { data } = await kubectl.get<{ data?: Record<string, string> }>('secret', name);
      const encoded = data?.[TOKEN_KEY];
      if (encoded) return Buffer.from(encoded, 'base64').toString('utf8').trim();
    } catch (error) {
      if (error instanceof KubectlError && error.forbidden)
        throw new UsageError(`you may not read the Secret "${name}" in the namespace "${namespace}"`, ownToken);
      if (!(error instanceof KubectlError && error.notFound)) throw await explained(kubectl, error);
    }
  }
  throw new UsageError(
    secrets.length === 0
      ? 'the coordinator mounts no Secret'
      : `no Secret of the coordinator has the key ${TOKEN_KEY} (looked in ${secrets.join(', ')})`,
    ownToken,
  );
}

async function noRelease(kubectl: Kubectl, error: KubectlError): Promise<UsageError> {
  const { release, namespace } = kubectl.target;
  const where = namespace === undefined ? 'the namespace of the context' : `the namespace "${namespace}"`;
  if (namespace !== undefined && /namespaces? "/.test(error.stderr))
    return new UsageError(
      `there is no namespace "${namespace}"`,
      among('Namespaces', namespace, await namesOf(kubectl, 'namespaces')),
    );
  const here = releasesOf(await namesOf(kubectl, 'deployments'));
  if (here.length > 0)
    return new UsageError(`there is no release "${release}" in ${where}`, among('Releases there', release, here));
  const elsewhere = await releasesElsewhere(kubectl);
  return new UsageError(
    `there is no release "${release}" in ${where}`,
    elsewhere.length > 0
      ? `Elsewhere: ${elsewhere.join(', ')}`
      : 'Name the namespace with -n and the release with --release; helm list -A lists them.',
  );
}

const releasesOf = (deployments: readonly string[]): readonly string[] =>
  deployments.filter((name) => name.endsWith(SUFFIX)).map((name) => name.slice(0, -SUFFIX.length));

/** Names of objects; none when the user may not list them, because suggestions are not worth an error of their own. */
async function namesOf(kubectl: Kubectl, kind: string): Promise<readonly string[]> {
  const { items } = await kubectl
    .get<{ items: readonly Deployment[] }>(kind)
    .catch(() => ({ items: [] as readonly Deployment[] }));
  return items.map(({ metadata }) => metadata.name);
}

async function releasesElsewhere(kubectl: Kubectl): Promise<readonly string[]> {
  const { items } = await kubectl
    .get<{ items: readonly Deployment[] }>('deployments', '--all-namespaces', '-l', 'app.kubernetes.io/name=freshet')
    .catch(() => ({ items: [] as readonly Deployment[] }));
  return items.flatMap(({ metadata: { name, namespace } }) =>
    releasesOf([name]).map((release) => `--release ${release} -n ${namespace}`),
  );
}

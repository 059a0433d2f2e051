import type { Manifest } from './helm';

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env: ReadonlyArray<{ readonly name: string; readonly value?: string; readonly valueFrom?: object }>;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly resources: { readonly requests: Record<string, string>; readonly limits: Record<string, string> };
  readonly volumeMounts: ReadonlyArray<{
    readonly name: string;
    readonly mountPath: string;
    readonly readOnly?: boolean;
  }>;
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly lifecycle?: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
}
interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

export interface PodSpec {
  readonly serviceAccountName: string;
  readonly automountServiceAccountToken: boolean;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly terminationGracePeriodSeconds?: number;
  readonly restartPolicy?: string;
  readonly priorityClassName?: string;
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly volumes: ReadonlyArray<{ readonly name: string } & Readonly<Record<string, unknown>>>;
}

export interface Pod {
  /** `Deployment freshet-parser`. */
  readonly of: string;
  readonly component: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
}

interface Template {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: PodSpec;
}

/** The pods that objects are, or make. */
export function podsOf(objects: readonly Manifest[]): Pod[] {
  return objects.flatMap((object) => {
    const template = templateOf(object);
    if (!template) return [];
    const { labels } = template.metadata;
    const component = labels['app.kubernetes.io/component'] ?? '';
    return [{ of: `${object.kind} ${object.metadata.name}`, component, labels, spec: template.spec }];
  });
}

function templateOf(object: Manifest): Template | undefined {
  const spec = object.spec as
    | { readonly template?: Template; readonly jobTemplate?: { readonly spec: { readonly template: Template } } }
    | undefined;
  return object.kind === 'Pod' ? (object as unknown as Template) : (spec?.template ?? spec?.jobTemplate?.spec.template);
}

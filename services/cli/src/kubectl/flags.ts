import { UsageError } from '../exit';

/** Which release, where. What is absent, kubectl takes from the kubeconfig. */
export interface Target {
  readonly release: string;
  readonly context?: string;
  readonly namespace?: string;
  readonly kubeconfig?: string;
}

export const FLAGS_HELP = `
Flags of kubectl freshet, besides those of the command:
  --context <name>         context of the kubeconfig
  -n, --namespace <name>   namespace of the release
  --kubeconfig <file>      kubeconfig instead of KUBECONFIG or ~/.kube/config
  --release <name>         Helm release (default: freshet)
The token is FRESHET_TOKEN or FRESHET_TOKEN_FILE when set, else the key cli-token of the Secret of the release.
`;

const NAMES: Readonly<Record<string, keyof Target>> = {
  '--context': 'context',
  '-n': 'namespace',
  '--namespace': 'namespace',
  '--kubeconfig': 'kubeconfig',
  '--release': 'release',
};

/**
 * Takes kubectl's own flags out of a command line; the rest is for the command. They may stand anywhere before a `--`.
 *
 * @throws UsageError
 */
export function readFlags(argv: readonly string[]): { readonly target: Target; readonly rest: readonly string[] } {
  const found: Partial<Record<keyof Target, string>> = {};
  const rest: string[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index] ?? '';
    if (argument === '--') {
      rest.push(...argv.slice(index));
      break;
    }
    const equals = argument.indexOf('=');
    const flag = equals > 0 ? argument.slice(0, equals) : argument;
    const name = NAMES[flag];
    if (flag === '--url')
      throw new UsageError(
        '--url and kubectl freshet exclude each other: kubectl freshet connects to the coordinator of the release',
        'Use freshet --url for an address.',
      );
    if (name === undefined) {
      rest.push(argument);
      continue;
    }
    const value = equals > 0 ? argument.slice(equals + 1) : argv[(index += 1)];
    if (!value || (equals < 0 && value.startsWith('-'))) throw new UsageError(`${flag} needs a value`);
    if (found[name] !== undefined && found[name] !== value)
      throw new UsageError(`${flag} was given twice: ${found[name]} and ${value}`);
    found[name] = value;
  }
  return { target: { release: 'freshet', ...found }, rest };
}

/** Flags as kubectl takes them. */
export const kubectlFlags = ({ context, namespace, kubeconfig }: Target): readonly string[] => [
  ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]),
  ...(context === undefined ? [] : ['--context', context]),
  ...(namespace === undefined ? [] : ['--namespace', namespace]),
];

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { childEnvironment } from '@freshet/runtime/config';
import { CommandFailed, NoCoordinatorError, UsageError } from '../exit';
import { suggest } from '../suggest';
import { kubectlFlags, type Target } from './flags';

export type Child = ChildProcessByStdio<null, Readable, Readable>;

/** kubectl said no; `stderr` is what it said. */
export class KubectlError extends Error {
  constructor(readonly stderr: string) {
    super(lastLine(stderr));
    this.name = 'KubectlError';
  }

  get notFound(): boolean {
    return /\(NotFound\)/.test(this.stderr);
  }

  get forbidden(): boolean {
    return /\(Forbidden\)/.test(this.stderr);
  }
}

/** The kubectl of the user, for one target. */
export class Kubectl {
  constructor(
    readonly target: Target,
    readonly program = 'kubectl',
  ) {}

  spawn(args: readonly string[]): Child {
    return spawn(this.program, [...args, ...kubectlFlags(this.target)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: childEnvironment(),
    });
  }

  /** Standard output. @throws KubectlError, UsageError when there is no kubectl. */
  run(args: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = this.spawn(args);
      const out: Buffer[] = [];
      const err: Buffer[] = [];
      child.stdout.on('data', (data: Buffer) => out.push(data));
      child.stderr.on('data', (data: Buffer) => err.push(data));
      child.once('error', (error) => reject(notStarted(error)));
      child.once('close', (code) => {
        if (code === 0) resolve(Buffer.concat(out).toString());
        else reject(new KubectlError(Buffer.concat(err).toString()));
      });
    });
  }

  /** One object. @throws KubectlError */
  async get<T>(...what: readonly string[]): Promise<T> {
    return JSON.parse(await this.run(['get', ...what, '-o', 'json', '--request-timeout=15s'])) as T;
  }
}

export const notStarted = (error: Error): Error =>
  (error as NodeJS.ErrnoException).code === 'ENOENT'
    ? new UsageError('kubectl was not found', 'Install kubectl, or add its folder to PATH.')
    : error;

/** What kubectl said, as what an operator does next; what this does not know is shown in the words of kubectl. */
export async function explained(kubectl: Kubectl, error: unknown): Promise<unknown> {
  if (!(error instanceof KubectlError)) return error;
  const { context, kubeconfig } = kubectl.target;
  const { stderr } = error;
  if (context !== undefined && /context.*(not found|does not exist)/i.test(stderr)) {
    const contexts = await linesOf(kubectl, ['config', 'get-contexts', '-o', 'name', ...fileOnly(kubeconfig)]);
    return new UsageError(`there is no context "${context}" in the kubeconfig`, among('Contexts', context, contexts));
  }
  if (kubeconfig !== undefined && /no such file/i.test(stderr))
    return new UsageError(`there is no kubeconfig ${kubeconfig}`);
  if (
    /connection.*refused|no configuration has been provided|i\/o timeout|no such host|unable to connect to the server|was refused/i.test(
      stderr,
    )
  )
    return new NoCoordinatorError(
      `the Kubernetes API server cannot be reached: ${error.message}`,
      'Check the context: kubectl config current-context, kubectl cluster-info.',
    );
  if (/Unauthorized|must be logged in/i.test(stderr))
    return new UsageError(
      `the Kubernetes API server does not know the user: ${error.message}`,
      'Log in to the cluster.',
    );
  if (error.forbidden)
    return new UsageError(
      error.message.replace(/^Error from server /, ''),
      'kubectl freshet needs: get deployments, get secrets (or FRESHET_TOKEN), get services and pods, create pods/portforward.',
    );
  return new CommandFailed(`kubectl: ${error.message || 'failed without a message'}`);
}

/** What is there instead; `kind` is a plural. */
export function among(kind: string, typed: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const near = suggest(typed, names);
  if (near.length > 0) return `Did you mean ${near.join(' or ')}?`;
  return `${kind}: ${names.slice(0, 10).join(', ')}${names.length > 10 ? ', …' : ''}`;
}

/** Lines of output, none when the user may not see them. */
async function linesOf(kubectl: Kubectl, args: readonly string[]): Promise<readonly string[]> {
  const plain = new Kubectl({ release: kubectl.target.release }, kubectl.program);
  const text = await plain.run(args).catch(() => '');
  return text.split('\n').filter(Boolean);
}

const fileOnly = (kubeconfig: string | undefined): readonly string[] =>
  kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig];

function lastLine(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.at(-1)?.replace(/^error: /i, '') ?? '';
}

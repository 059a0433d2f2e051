import { CommandFailed } from '../exit';
import { KubectlError, explained, notStarted, type Child, type Kubectl } from './kubectl';

const HTTP_PORT = 8080;
const START_TIMEOUT_MS = 20_000;
const PAUSES_MS = [500, 1000, 2000, 5000] as const;

export interface Forward {
  readonly url: string;
  /** Ends kubectl; may be called more than once. */
  close(): void;
}

/**
 * A local port that leads to the coordinator for as long as the command runs. kubectl forwards to one pod and exits when that pod is
 * gone; it is started again on the same port, so that whoever follows a run needs to know nothing of it.
 *
 * @throws UsageError, NoCoordinatorError or CommandFailed when the first forwarding cannot be started.
 */
export async function forward(kubectl: Kubectl, service: string, note: (text: string) => void): Promise<Forward> {
  let child: Child | undefined;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  const close = (): void => {
    closed = true;
    process.off('exit', close);
    clearTimeout(timer);
    child?.kill();
  };
  // A process that exits in the middle leaves no kubectl.
  process.once('exit', close);

  const open = async (local: number): Promise<number> => {
    child = kubectl.spawn(['port-forward', `service/${service}`, `${local || ''}:${HTTP_PORT}`, '--address=127.0.0.1']);
    return forwarding(child);
  };
  const port = await open(0).catch(async (error: unknown) => {
    close();
    throw await explained(kubectl, error);
  });

  const again = (failures: number): void => {
    if (closed) return;
    timer = setTimeout(
      () =>
        void open(port).then(
          () => {
            note('reconnected to the coordinator');
            watch();
          },
          () => again(failures + 1),
        ),
      PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)],
    );
  };
  const watch = (): void => {
    child?.once('close', () => {
      if (closed) return;
      note('the connection to the coordinator was lost; reconnecting');
      again(0);
    });
  };
  watch();
  return { url: `http://127.0.0.1:${port}`, close };
}

/** The local port, as soon as kubectl listens on it. @throws KubectlError when it ends before that. */
function forwarding(child: Child): Promise<number> {
  return new Promise((resolve, reject) => {
    let out = '';
    let err = '';
    const timeout = setTimeout(() => {
      child.kill();
      reject(
        new CommandFailed(`kubectl port-forward was not ready within ${START_TIMEOUT_MS / 1000} s`, err || undefined),
      );
    }, START_TIMEOUT_MS);
    child.stdout.on('data', (data: Buffer) => {
      // Read to the end: a full pipe would stop kubectl.
      if (out.length < 10_000) out += data.toString();
      const port = /Forwarding from 127\.0\.0\.1:(\d+) ->/.exec(out)?.[1];
      if (port === undefined) return;
      clearTimeout(timeout);
      resolve(Number(port));
    });
    child.stderr.on('data', (data: Buffer) => {
      if (err.length < 10_000) err += data.toString();
    });
    child.once('error', (error) => {
      clearTimeout(timeout);
      reject(notStarted(error));
    });
    child.once('close', () => {
      clearTimeout(timeout);
      reject(new KubectlError(err));
    });
  });
}

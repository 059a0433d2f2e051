import { ApiError, UnreachableError, type FreshetClient } from '@freshet/client';
import type { DatasetView } from '@freshet/contracts';
import { clientOf, findConnection, type Connection, type ConnectionFlags } from './connection';
import { NoCoordinatorError, UsageError } from './exit';
import { Printer } from './output/printer';
import { suggest } from './suggest';
import type { Reason } from './termination-log';
import type { World } from './world';

export interface GlobalFlags extends ConnectionFlags {
  readonly json?: boolean;
}

/** One invocation: where it prints and whom it asks. */
export class Session {
  readonly print: Printer;
  private connected: { readonly client: FreshetClient; readonly connection: Connection } | undefined;

  constructor(
    readonly world: World,
    private readonly flags: GlobalFlags,
    /** Why this command ends with a code other than 0; an error that it throws is added to them. */
    readonly reasons: Reason[] = [],
  ) {
    this.print = new Printer(world, flags.json === true);
  }

  get client(): FreshetClient {
    return this.connect().client;
  }

  /** How long a coordinator that is followed may be silent; undefined: as long as the client thinks right. */
  get patienceMs(): number | undefined {
    const { FRESHET_PATIENCE_SECONDS: seconds } = this.world.environment;
    return seconds === undefined ? undefined : seconds * 1000;
  }

  get connection(): Connection {
    return this.connect().connection;
  }

  /**
   * @param typed a dataset id
   * @throws UsageError with suggestions when the coordinator has no such dataset.
   */
  async dataset(typed: string): Promise<DatasetView> {
    const all = await this.client.datasets();
    const found = all.find(({ id }) => id === typed);
    if (!found)
      throw unknownDataset(
        typed,
        all.map(({ id }) => id),
        [],
      );
    return found;
  }

  /**
   * Runs `work`; when the standalone of this folder does not answer, or another Freshet does in its place, says so instead of
   * naming an address or a token that nobody typed.
   */
  async explaining<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const { file, url, ownToken, remote } = this.connected?.connection ?? {};
      if (remote !== undefined && error instanceof UnreachableError)
        throw new NoCoordinatorError(
          `no coordinator of ${remote} answers`,
          'Look at its pods with kubectl get pods, and at their logs.',
        );
      if (file === undefined) throw error;
      if (ownToken && error instanceof ApiError && error.status === 401) {
        throw new UsageError(
          `another Freshet answers at ${url}: it does not know the token in ${file}`,
          'Start the one of this folder with `npm start`, or set FRESHET_HOME to the folder of the one that runs.',
        );
      }
      if (!(error instanceof UnreachableError)) throw error;
      throw new NoCoordinatorError(
        `${error.message} (the address stands in ${file})`,
        'Freshet seems to have stopped: start it again with `npm start`.',
      );
    }
  }

  private connect(): NonNullable<typeof this.connected> {
    if (!this.connected) {
      const connection = findConnection(this.flags, this.world);
      this.connected = { connection, client: clientOf(connection, this.world) };
    }
    return this.connected;
  }
}

export function unknownDataset(typed: string, ids: readonly string[], sources: readonly string[]): UsageError {
  const near = suggest(typed, [...ids, ...sources]);
  const hint = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'See `freshet datasets` for all of them.';
  return new UsageError(`there is no dataset${sources.length > 0 ? ' or source' : ''} ${JSON.stringify(typed)}`, hint);
}

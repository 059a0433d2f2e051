import { silentLogger } from '@freshet/domain';
import { DatabaseKeeper, type DatabaseLostError } from './database-keeper';

/** A server that comes up, or not, as the test says. */
class Server {
  restarts = 0;
  comesUp = true;
  private lose: () => void = () => undefined;
  readonly whenLost = (listener: () => void): void => void (this.lose = listener);
  readonly restart = async (): Promise<void> => {
    this.restarts += 1;
    if (!this.comesUp) throw new Error('no space left on device');
  };
  end(): void {
    this.lose();
  }
}

describe('the keeper of the database', () => {
  const keeperOf = (server: Server, stableMs = 60_000) => {
    const lost: DatabaseLostError[] = [];
    const keeper = new DatabaseKeeper(server, {
      folder: '/home/postgres',
      onLost: (error) => lost.push(error),
      maxRestarts: 3,
      initialDelayMs: 1,
      maxDelayMs: 2,
      stableMs,
    });
    return { keeper, lost };
  };
  const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

  it('starts a server again that ended, also before it was told to begin', async () => {
    const server = new Server();
    const { keeper, lost } = keeperOf(server);
    server.end();
    await settled();
    expect(server.restarts).toBe(0);
    keeper.start(silentLogger);
    await settled();
    expect(server.restarts).toBe(1);
    server.end();
    await settled();
    expect([server.restarts, lost]).toEqual([2, []]);
  });

  it('gives up after several restarts in a row, and says where to look', async () => {
    const server = new Server();
    const { keeper, lost } = keeperOf(server);
    keeper.start(silentLogger);
    server.comesUp = false;
    server.end();
    await settled();
    expect(server.restarts).toBe(3);
    expect(lost).toHaveLength(1);
    expect(lost[0]?.message).toMatch(/after 3 restarts[^]*postgres\.log in \/home\/postgres/);
    server.end();
    await settled();
    expect(server.restarts).toBe(3);
  });

  it('counts anew after a server that lasted', async () => {
    const server = new Server();
    const { keeper, lost } = keeperOf(server, 0);
    keeper.start(silentLogger);
    for (let n = 0; n < 5; n++) {
      server.end();
      await settled();
    }
    expect([server.restarts, lost]).toEqual([5, []]);
  });

  it('starts nothing once it was stopped', async () => {
    const server = new Server();
    const { keeper } = keeperOf(server);
    keeper.start(silentLogger);
    await keeper.stop();
    server.end();
    await settled();
    expect(server.restarts).toBe(0);
  });
});

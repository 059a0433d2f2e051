import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { run } from './kubectl';

/** Addresses that a pod may or may not reach beyond the cluster, all answered by one listener on ports 80 and 443. */
export const OUTSIDE = {
  public: '8.8.8.8',
  private10: '10.99.0.10',
  private172: '172.20.0.10',
  private192: '192.168.77.10',
  shared: '100.64.0.10',
  metadata: '169.254.169.254',
} as const;

const LISTENER = `const net=require('node:net');let open=0;for(const port of [80,443])net.createServer((socket)=>{socket.on('error',()=>{});socket.end('outside')}).listen(port,'0.0.0.0',()=>{if(++open===2)console.log('listening')})`;
const NEAR = 'outside0';
const FAR = 'outside1';
const GATEWAY = '203.0.113.1';

/**
 * A host beyond the node, in a network namespace of its own, to which the node routes the addresses above. For a cluster whose node
 * shares this process's network (deploy/local-cluster), which has no other way out.
 */
export class Outside {
  private constructor(private readonly listener: ChildProcess) {}

  static async open(): Promise<Outside> {
    const listener = spawn('unshare', ['--net', process.execPath, '-e', LISTENER], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(listener.stdout, 'data');
    const outside = new Outside(listener);
    const { pid } = listener;
    const inside = (...args: string[]) => run('nsenter', [`--net=/proc/${pid}/ns/net`, ...args]);
    await run('ip', ['link', 'add', NEAR, 'type', 'veth', 'peer', 'name', FAR, 'netns', String(pid)]);
    await run('ip', ['address', 'add', `${GATEWAY}/24`, 'dev', NEAR]);
    await run('ip', ['link', 'set', NEAR, 'up']);
    await inside('ip', 'link', 'set', 'lo', 'up');
    await inside('ip', 'address', 'add', '203.0.113.2/24', 'dev', FAR);
    await inside('ip', 'link', 'set', FAR, 'up');
    await inside('ip', 'route', 'add', 'default', 'via', GATEWAY);
    for (const address of Object.values(OUTSIDE)) {
      await inside('ip', 'address', 'add', `${address}/32`, 'dev', 'lo');
      await run('ip', ['route', 'add', `${address}/32`, 'via', '203.0.113.2']);
    }
    return outside;
  }

  /** The veth pair and its routes go with the namespace. */
  async close(): Promise<void> {
    if (this.listener.exitCode !== null || this.listener.signalCode !== null)
      throw new Error('the host outside had ended by itself');
    const ended = once(this.listener, 'exit');
    this.listener.kill('SIGKILL');
    await ended;
  }
}

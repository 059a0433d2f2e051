import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * A TCP proxy that can fall silent as a lost node does: bytes are read and dropped in both directions, and no connection is closed.
 * Harder than the real thing: the systems at both ends still acknowledge, so that no keepalive notices anything.
 */
export class SilentProxy {
  private readonly sockets = new Set<Socket>();
  private silent = false;
  private trigger: { readonly text: string; readonly onSeen: () => void } | null = null;

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {}

  /** In front of the server that `target` names. */
  static async start(target: string): Promise<SilentProxy> {
    const url = new URL(target);
    const server = createServer({ allowHalfOpen: true });
    const proxy = new SilentProxy(server, url);
    server.on('connection', (client) => proxy.accept(client));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  /** The target's address, through the proxy. */
  get url(): string {
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  fallSilent(): void {
    this.silent = true;
  }

  /** Falls silent right after a client sent `text`, which still arrives. */
  fallSilentAfter(text: string): Promise<void> {
    return new Promise((resolve) => (this.trigger = { text, onSeen: resolve }));
  }

  /** Ends what is left, at both ends. */
  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    if (!this.server.listening) return;
    this.server.close();
    await once(this.server, 'close');
  }

  private accept(client: Socket): void {
    const upstream = connect({ port: Number(this.target.port), host: this.target.hostname, allowHalfOpen: true });
    for (const socket of [client, upstream]) {
      this.sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
    }
    client.on('data', (data) => {
      if (this.silent) return;
      upstream.write(data);
      if (this.trigger && data.includes(this.trigger.text)) {
        this.silent = true;
        this.trigger.onSeen();
      }
    });
    upstream.on('data', (data) => void (this.silent || client.write(data)));
    // An end that one side declares is passed on only while the network works.
    client.on('end', () => void (this.silent || upstream.end()));
    upstream.on('end', () => void (this.silent || client.end()));
  }
}

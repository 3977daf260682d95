/** A relay of TCP connections that behaves like a bad network. Works below TLS and HTTP. */
import { once } from 'node:events';
import * as net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { resetNow } from './reset.js';

type Direction = 'up' | 'down';

/** What happens to the bytes of a connection. */
export type Fate =
  | 'relayed'
  /** They are taken and vanish, both ways: a router that has forgotten the connection. */
  | 'swallowed'
  /** They are not even taken: the peer has gone without a word, or its process is suspended. */
  | 'ignored';

/** Relays connections to a port of this machine. Its settings are for all connections, now and later. */
export class TcpProxy {
  readonly #targetPort: number;
  readonly #host: string;
  readonly #relays = new Set<Relay>();
  #server: net.Server | undefined;
  #port = 0;
  /** Connections that came. */
  accepted = 0;
  /** What happens to the bytes of connections that come. */
  fate: Fate = 'relayed';
  /** Connections that come are reset after so many bytes from the client; undefined: they are not. */
  resetAfter: number | undefined;
  /** Connections that come are closed in good form after so many bytes of the server. */
  closeAfterDown: number | undefined;
  /** Bytes per second each way; 0 is as fast as it goes. */
  rate = 0;
  /** Milliseconds that each piece is late. */
  delay = 0;
  /** Bytes that are written at a time; 0 is as they come. */
  pieces = 0;

  private constructor(targetPort: number, host: string) {
    this.#targetPort = targetPort;
    this.#host = host;
  }

  /** Starts a relay on a free port. */
  static async start(targetPort: number, host = '127.0.0.1'): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetPort, host);
    await proxy.listen();
    return proxy;
  }

  get port(): number {
    return this.#port;
  }

  get targetPort(): number {
    return this.#targetPort;
  }

  /** Accepts connections, after a refusal on the same port as before. */
  async listen(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = net.createServer({ allowHalfOpen: true }, (client) => {
      this.#accept(client);
    });
    this.#server = server;
    server.listen(this.#port, this.#host);
    await once(server, 'listening');
    this.#port = (server.address() as net.AddressInfo).port;
  }

  /** Resets what is connected and refuses what comes. */
  async refuse(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = once(server, 'close');
    server.close();
    this.reset();
    await closed;
  }

  /** Resets every connection. */
  reset(): void {
    for (const relay of this.#relays) relay.reset();
  }

  /** Closes every connection in good form, from the server's side. */
  end(): void {
    for (const relay of this.#relays) relay.end();
  }

  /** Sets what happens to the bytes of the connections that are there and of those that come. */
  become(fate: Fate): void {
    this.fate = fate;
    for (const relay of this.#relays) relay.fate = fate;
  }

  /** Connections that come are relayed as they are; those that were lost stay lost. */
  async heal(): Promise<void> {
    this.fate = 'relayed';
    this.resetAfter = undefined;
    this.closeAfterDown = undefined;
    this.rate = 0;
    this.delay = 0;
    this.pieces = 0;
    for (const relay of this.#relays) relay.forget();
    await this.listen();
  }

  /** Ends everything. */
  async close(): Promise<void> {
    await this.refuse();
    for (const relay of this.#relays) relay.destroy();
  }

  #accept(client: net.Socket): void {
    this.accepted += 1;
    const relay = new Relay(this, client, () => this.#relays.delete(relay));
    this.#relays.add(relay);
  }
}

/** One connection. */
class Relay {
  readonly #proxy: TcpProxy;
  readonly #sockets: Readonly<Record<Direction, net.Socket>>;
  readonly #done: () => void;
  readonly #resetAfter: number | undefined;
  readonly #closeAfterDown: number | undefined;
  readonly #seen: Record<Direction, number> = { up: 0, down: 0 };
  #fate: Fate;
  #open = 2;
  #left = false;

  constructor(proxy: TcpProxy, client: net.Socket, done: () => void) {
    this.#proxy = proxy;
    this.#done = done;
    this.#fate = proxy.fate;
    this.#resetAfter = proxy.resetAfter;
    this.#closeAfterDown = proxy.closeAfterDown;
    const server = net.connect({
      port: proxy.targetPort,
      host: '127.0.0.1',
      allowHalfOpen: true,
    });
    // The socket that the bytes of a direction come from.
    this.#sockets = { up: client, down: server };
    this.#wire('up', client, server);
    this.#wire('down', server, client);
    if (this.#resetAfter === 0) this.reset();
  }

  set fate(fate: Fate) {
    this.#fate = fate;
    if (fate === 'ignored') this.#sockets.up.pause();
  }

  reset(): void {
    for (const socket of Object.values(this.#sockets)) resetNow(socket);
  }

  end(): void {
    this.#sockets.up.end();
    this.#sockets.down.destroy();
  }

  /** Drops a connection that was lost and that the client has left, once the proxy is well again. */
  forget(): void {
    if (this.#fate === 'ignored' && this.#proxy.fate === 'relayed') {
      // Whether the client has left shows only to who reads.
      this.#fate = 'swallowed';
      this.#sockets.up.resume();
    }
    if (this.#left && this.#proxy.fate === 'relayed') this.destroy();
  }

  destroy(): void {
    for (const socket of Object.values(this.#sockets)) socket.destroy();
  }

  #wire(direction: Direction, from: net.Socket, to: net.Socket): void {
    from.setNoDelay(true);
    from.on('data', (chunk: Buffer) => {
      from.pause();
      void this.#pass(direction, chunk, to).then(() => {
        if (this.#fate !== 'ignored') from.resume();
      });
    });
    from.on('end', () => {
      if (this.#fate === 'relayed') to.end();
      else if (direction === 'up') this.#left = true;
      this.forget();
    });
    from.on('error', () => {
      if (this.#fate === 'relayed') resetNow(to);
    });
    from.on('close', () => {
      // Whoever has gone reads no more: the other side is not to wait for it. Of a connection that is
      // lost the other side hears nothing, not even its end.
      if (this.#fate === 'relayed') {
        setImmediate(() => {
          to.destroySoon();
        });
      }
      this.#open -= 1;
      if (this.#open === 0) this.#done();
    });
  }

  async #pass(direction: Direction, chunk: Buffer, to: net.Socket): Promise<void> {
    this.#seen[direction] += chunk.length;
    if (direction === 'up' && this.#seen.up > (this.#resetAfter ?? Infinity)) this.reset();
    if (direction === 'down' && this.#seen.down > (this.#closeAfterDown ?? Infinity)) {
      const over = this.#seen.down - (this.#closeAfterDown ?? 0);
      to.end(chunk.subarray(0, Math.max(0, chunk.length - over)));
      this.#sockets.down.destroy();
      return;
    }
    if (this.#proxy.delay > 0) await sleep(this.#proxy.delay);
    for (let at = 0; at < chunk.length;) {
      if (this.#fate !== 'relayed' || to.destroyed) return;
      const { rate, pieces } = this.#proxy;
      const most = pieces > 0 ? pieces : rate > 0 ? Math.max(1, Math.floor(rate / 20)) : Infinity;
      const piece = chunk.subarray(at, Math.min(chunk.length, at + most));
      at += piece.length;
      await new Promise<void>((resolve) => {
        to.write(piece, () => {
          resolve();
        });
      });
      if (rate > 0) await sleep((1000 * piece.length) / rate);
    }
  }
}

/** Consumers for the tests, and what stands between them and an endpoint. */
import { once } from 'node:events';
import * as net from 'node:net';
import {
  KinesisVideoConsumer,
  type KinesisVideoConsumerOptions,
} from '../../../ts/consumer/index.js';
import { CREDENTIALS } from '../../local/support/endpoint.js';
import type { TestContext } from '../../support/suite.js';

/** A consumer that is closed with the test. */
export function makeConsumer(
  t: TestContext,
  endpoint: string,
  options: KinesisVideoConsumerOptions = {},
): KinesisVideoConsumer {
  const consumer = new KinesisVideoConsumer({
    region: 'us-west-2',
    credentials: CREDENTIALS,
    endpoint,
    ...options,
  });
  t.after(() => {
    consumer.close();
  });
  return consumer;
}

/** A TCP proxy that cuts connections as it is told. */
export class CuttingProxy {
  readonly endpoint: string;
  /** Connections that were made. */
  connections = 0;
  /** Bytes that the endpoint has sent through. */
  received = 0;
  readonly #open = new Set<net.Socket>();

  private constructor(port: number) {
    this.endpoint = `http://127.0.0.1:${port}`;
  }

  /**
   * Starts one in front of `target`. `lifeOf` says for each connection behind how many bytes of the
   * answer it is cut.
   */
  static async start(
    t: TestContext,
    target: string,
    lifeOf: (connection: number) => number = () => Infinity,
  ): Promise<CuttingProxy> {
    const { port, hostname } = new URL(target);
    const server = net.createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new CuttingProxy((server.address() as net.AddressInfo).port);
    server.on('connection', (socket) => {
      const life = lifeOf(proxy.connections);
      proxy.connections += 1;
      proxy.#join(socket, net.connect(Number(port), hostname), life);
    });
    t.after(() => {
      server.close();
      proxy.cut();
    });
    return proxy;
  }

  /** How many connections are open. */
  get open(): number {
    return this.#open.size;
  }

  /** Cuts all connections. */
  cut(): void {
    for (const socket of this.#open) socket.resetAndDestroy();
  }

  #join(client: net.Socket, server: net.Socket, life: number): void {
    this.#open.add(client);
    let left = life;
    const end = (): void => {
      this.#open.delete(client);
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.on('error', end).on('close', end);
    client.pipe(server);
    server.on('data', (bytes: Buffer) => {
      this.received += bytes.length;
      const passed = bytes.subarray(0, left);
      left -= passed.length;
      if (left <= 0) client.end(passed, end);
      else if (!client.write(passed)) server.pause();
    });
    client.on('drain', () => server.resume());
  }
}

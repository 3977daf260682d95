/** An HTTP proxy that opens tunnels, counts them, and misbehaves on request. */
import * as http from 'node:http';
import * as https from 'node:https';
import * as net from 'node:net';
import type { TestContext } from '../../support/suite.js';

/** How a proxy is made. */
export interface ConnectProxyOptions {
  /** What it asks for, as `user:password`; default nothing. */
  readonly credentials?: string;
  /** Makes it a proxy that is spoken to over TLS. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer };
  /** Leads tunnels elsewhere, by their `host:port`; default to where they ask for. */
  readonly route?: (authority: string) => string;
  /** Port to listen on; default one that is free. */
  readonly port?: number;
}

/** A proxy that runs. */
export interface ConnectProxy {
  /** With the credentials, as the option `proxy` takes it. */
  readonly url: string;
  readonly port: number;
  /** What tunnels were asked for, as `host:port`, in order. */
  readonly requested: readonly string[];
  /** How many tunnels were opened. */
  readonly opened: () => number;
  /** Requests that are no CONNECT, which a proxy for tunnels must not get. */
  readonly strays: readonly string[];
  /** Connections of clients that are open now. */
  readonly clients: ReadonlySet<net.Socket>;
  /** Dies: cuts all tunnels and listens no more. */
  readonly kill: () => Promise<void>;
}

/** Starts a proxy on 127.0.0.1 that ends with the test. */
export async function startConnectProxy(
  t: Pick<TestContext, 'after'>,
  options: ConnectProxyOptions = {},
): Promise<ConnectProxy> {
  const { credentials, tls, route = (authority: string) => authority } = options;
  const requested: string[] = [];
  const strays: string[] = [];
  const clients = new Set<net.Socket>();
  const upstream = new Set<net.Socket>();
  let opened = 0;
  const server = tls ? https.createServer(tls) : http.createServer();
  server.on('connection', (socket: net.Socket) => {
    track(clients, socket);
  });
  server.on('request', (request, response) => {
    strays.push(`${request.method} ${request.url}`);
    response.writeHead(400).end();
  });
  server.on('connect', (request: http.IncomingMessage, client: net.Socket) => {
    client.on('error', () => undefined);
    const authority = request.url ?? '';
    requested.push(authority);
    if (credentials !== undefined && !isAuthorized(request, credentials)) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n');
      return;
    }
    const target = new URL(`http://${route(authority)}`);
    const host = target.hostname.replace(/^\[(.*)\]$/, '$1');
    const server = net.connect(Number(target.port || 80), host);
    track(upstream, server);
    server.once('connect', () => {
      opened += 1;
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(server).pipe(client);
    });
    server.once('error', () => client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
    server.once('close', () => client.destroy());
    client.once('close', () => server.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as net.AddressInfo;
  const kill = async (): Promise<void> => {
    for (const socket of [...clients, ...upstream]) socket.destroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  t.after(kill);
  const login = credentials === undefined ? '' : `${encoded(credentials)}@`;
  const url = `${tls ? 'https' : 'http'}://${login}127.0.0.1:${port}`;
  return { url, port, requested, opened: () => opened, strays, clients, kill };
}

function isAuthorized({ headers }: http.IncomingMessage, credentials: string): boolean {
  const expected = `Basic ${Buffer.from(credentials).toString('base64')}`;
  return headers['proxy-authorization'] === expected;
}

function encoded(credentials: string): string {
  const colon = credentials.indexOf(':');
  const user = credentials.slice(0, colon);
  return `${encodeURIComponent(user)}:${encodeURIComponent(credentials.slice(colon + 1))}`;
}

function track(set: Set<net.Socket>, socket: net.Socket): void {
  set.add(socket);
  socket.on('error', () => undefined).on('close', () => set.delete(socket));
}

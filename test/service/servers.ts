/** Servers on real sockets for the tests of the service layer, and what they are talked to with. */
import { readFileSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import * as net from 'node:net';
import type { AddressInfo } from 'node:net';
import type { TestContext } from '../support/suite.js';

const fixture = (name: string): Buffer =>
  readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url));

/** A self-signed certificate for localhost and 127.0.0.1; also what to pass as `ca`. */
export const certificate = fixture('localhost-cert.pem');
const key = fixture('localhost-key.pem');

export { canaryCredentials as canary } from '../support/canary.js';

export interface TestServer {
  readonly url: string;
  readonly port: number;
  /** Connections that are open now. */
  readonly sockets: ReadonlySet<net.Socket>;
}

/**
 * Starts an HTTP server that ends with the test; with `tls` or a certificate of its own an HTTPS
 * server.
 */
export function serveHttp(
  t: TestContext,
  handler: http.RequestListener,
  options: {
    tls?: boolean;
    certificate?: { readonly cert: Buffer; readonly key: Buffer };
    host?: string;
  } = {},
): Promise<TestServer> {
  const shown = options.certificate ?? (options.tls ? { key, cert: certificate } : undefined);
  const server = shown ? https.createServer(shown, handler) : http.createServer(handler);
  // What a test does not answer shall stay unanswered as long as the test lasts.
  server.requestTimeout = 0;
  return start(t, server, shown ? 'https' : 'http', options.host);
}

/** Starts a TCP server, which need not speak HTTP. */
export function serveTcp(
  t: TestContext,
  handler: (socket: net.Socket) => void,
  scheme = 'http',
): Promise<TestServer> {
  return start(t, net.createServer(handler), scheme);
}

async function start(
  t: TestContext,
  server: net.Server,
  scheme: string,
  host = '127.0.0.1',
): Promise<TestServer> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject).listen(0, host, resolve);
  });
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { url: `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`, port, sockets };
}

/** Answers as the service does when it refuses a request. */
export function refuse(
  response: http.ServerResponse,
  status: number,
  type: string,
  message: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'x-amzn-errortype': `${type}:https://kinesisvideo.amazonaws.com/doc/2017-09-30/`,
    'x-amzn-requestid': 'request-4711',
    ...headers,
  });
  response.end(JSON.stringify({ message }));
}

/** A port on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

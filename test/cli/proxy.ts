/** A proxy in front of an endpoint that misbehaves on request. */
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from '../support/suite.js';

/** What to do with a PutMedia request instead of passing it on. */
export type Misdeed = (incoming: IncomingMessage, response: ServerResponse) => void;

/** Takes what is sent and never says anything. */
export const swallow: Misdeed = (incoming) => {
  incoming.resume();
};

/** Cuts the connection. */
export const hangUp: Misdeed = (incoming) => {
  incoming.socket.destroy();
};

/** Starts a proxy for one test; data endpoints that are asked for through it lead back to it. */
export async function startProxy(
  t: TestContext,
  target: string,
  onPutMedia: Misdeed,
): Promise<string> {
  const server = createServer((incoming, response) => {
    if (incoming.url === '/putMedia') {
      onPutMedia(incoming, response);
      return;
    }
    const { method = 'POST', url: path = '/', headers } = incoming;
    const { hostname, port } = new URL(target);
    const outgoing = request({ hostname, port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(outgoing);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A service that answers as a test tells it to, whatever the signature. */
import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from '../../support/suite.js';

/** A request that the fake has received. */
export interface FakeRequest {
  readonly path: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Answers one request; the count of requests to the same path begins with 0. */
export type FakeAnswer = (
  response: http.ServerResponse,
  request: FakeRequest,
  count: number,
) => void | Promise<void>;

/** Starts a fake of the data plane; all requests so far are in `requests`. */
export async function startFakeData(
  t: TestContext,
  answer: FakeAnswer,
): Promise<{ readonly endpoint: string; readonly requests: FakeRequest[] }> {
  const requests: FakeRequest[] = [];
  const server = http.createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const path = request.url ?? '';
      const input = JSON.parse(Buffer.concat(pieces).toString()) as FakeRequest['input'];
      const count = requests.filter((earlier) => earlier.path === path).length;
      requests.push({ path, input });
      void answer(response, { path, input }, count);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

/** Answers with JSON. */
export function json(response: http.ServerResponse, body: object, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** Refuses as the service does. */
export function refuse(
  response: http.ServerResponse,
  type: string,
  message: string,
  status = 400,
): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': type });
  response.end(JSON.stringify({ Message: message }));
}

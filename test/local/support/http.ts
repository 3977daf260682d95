/** Plain HTTP requests, for what no client would send. */
import * as http from 'node:http';
import * as https from 'node:https';
import type { LocalKinesisVideo } from '../../../ts/local/index.js';
import { signedHeaders, type SigningOptions } from './signing.js';

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
  readonly json: Record<string, unknown>;
}

/** Opens a request to `path`. `ca` is for an endpoint with a certificate of its own. */
export function request(
  endpoint: string,
  path: string,
  headers: http.OutgoingHttpHeaders,
  ca?: Buffer,
): http.ClientRequest {
  const url = new URL(path, endpoint);
  const options = { method: 'POST', headers, agent: false as const };
  return url.protocol === 'https:'
    ? https.request(url, { ...options, ...(ca && { ca }) })
    : http.request(url, options);
}

/** Sends `body` and reads the whole answer. */
export function send(
  endpoint: string,
  path: string,
  headers: http.OutgoingHttpHeaders,
  body = '',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(endpoint, path, headers);
    sent.on('error', reject);
    sent.on('response', (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => {
        resolve(answer(response, Buffer.concat(pieces)));
      });
    });
    sent.end(body);
  });
}

/** Calls an operation with a JSON body, signed. */
export async function call(
  local: LocalKinesisVideo,
  path: string,
  input: object | string = {},
  options: SigningOptions = {},
): Promise<Answer> {
  const body = typeof input === 'string' ? input : JSON.stringify(input);
  const headers = await signedHeaders(local.endpoint, path, { ...options, body });
  return await send(local.endpoint, path, headers, body);
}

function answer(response: http.IncomingMessage, body: Buffer): Answer {
  const { statusCode: status = 0, headers } = response;
  let json: Record<string, unknown> = {};
  if (headers['content-type'] === 'application/json') {
    json = JSON.parse(body.toString()) as Record<string, unknown>;
  }
  return { status, headers, body, json };
}

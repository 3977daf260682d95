import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { mergeSignals } from '../../internal/signal.js';
import type { ClientCertificate, Dialer } from '../../network/index.js';
import { connectionFailure, lateAnswer, lostConnection } from './errors.js';

/** An answer is some 2000 bytes; a long session token makes it a few thousand more. */
const MAX_BODY = 64 * 1024;

/** One request to the credentials provider. */
export interface IotRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly dialer: Dialer;
  /** What the device shows. */
  readonly identity: ClientCertificate;
  readonly connectTimeout: number;
  readonly requestTimeout: number;
  readonly signal?: AbortSignal | undefined;
}

/** What it was answered. */
export interface IotAnswer {
  readonly httpStatus: number;
  readonly date: string | undefined;
  readonly requestId: string | undefined;
  readonly body: string;
}

/**
 * Sends a GET over a TLS connection of its own. Rejects with a KinesisVideoError, or with the reason
 * of the signal.
 */
export async function sendIotRequest(request: IotRequest): Promise<IotAnswer> {
  const { url, requestTimeout, signal } = request;
  const late = new AbortController();
  const timer = setTimeout(() => {
    late.abort(lateAnswer(url.host, requestTimeout));
  }, requestTimeout);
  const stop = mergeSignals(signal, late.signal);
  let socket: Socket | undefined;
  try {
    socket = await openConnection(request, stop.signal);
    // No await before the next line's listeners: an error of the socket must find them.
    return await exchange(socket, request, stop.signal);
  } finally {
    clearTimeout(timer);
    stop.release();
    socket?.destroy();
  }
}

/** Resolves once TLS is up; whether the certificate is accepted may show only with the answer. */
async function openConnection(request: IotRequest, signal: AbortSignal): Promise<Socket> {
  const { url, dialer, identity, connectTimeout } = request;
  try {
    return await dialer.dial(url, { connectTimeout, identity, signal });
  } catch (error) {
    signal.throwIfAborted();
    throw connectionFailure(url.host, error);
  }
}

function exchange(
  socket: Socket,
  { url, headers }: IotRequest,
  signal: AbortSignal,
): Promise<IotAnswer> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const fail = (error: Error): void => {
      reject(lostConnection(url.host, error));
    };
    const http: ClientRequest = httpRequest({
      createConnection: () => socket,
      method: 'GET',
      path: url.pathname,
      headers: { host: url.host, connection: 'close', ...headers },
    });
    http.on('error', fail).on('response', (response) => {
      readAnswer(response).then(resolve, fail);
    });
    socket.on('error', fail).once('close', () => {
      // After a whole answer this has no effect.
      setImmediate(fail, new Error('the connection was closed'));
      signal.removeEventListener('abort', onAbort);
    });
    http.end();
  });
}

async function readAnswer(response: IncomingMessage): Promise<IotAnswer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response) {
    size += (piece as Buffer).length;
    if (size > MAX_BODY) break;
    pieces.push(piece as Buffer);
  }
  const id = response.headers['x-amzn-requestid'];
  return {
    httpStatus: response.statusCode ?? 0,
    date: response.headers.date,
    requestId: typeof id === 'string' ? id : undefined,
    body: Buffer.concat(pieces).toString(),
  };
}

import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { mergeSignals } from '../../internal/signal.js';
import { IotTimeout, lostConnection, networkFailure } from './errors.js';

/** An answer is some 2000 bytes; a long session token makes it a few thousand more. */
const MAX_BODY = 64 * 1024;

/** One request to the credentials provider. */
export interface IotRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Certificate, key and authorities. */
  readonly tls: Pick<ConnectionOptions, 'cert' | 'key' | 'ca'>;
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
    late.abort(new IotTimeout(url.host, 'did not answer', requestTimeout).error);
  }, requestTimeout);
  const stop = mergeSignals(signal, late.signal);
  let socket: TLSSocket | undefined;
  try {
    socket = await openConnection(request, stop.signal);
    return await exchange(socket, request, stop.signal);
  } finally {
    clearTimeout(timer);
    stop.release();
    socket?.destroy();
  }
}

/** Resolves once TLS is up; whether the certificate is accepted may show only with the answer. */
function openConnection(request: IotRequest, signal: AbortSignal): Promise<TLSSocket> {
  const { url, tls, connectTimeout } = request;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    // URL writes an IPv6 address in brackets, which are no part of the address.
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const socket = connect({
      ...tls,
      host,
      port: Number(url.port || 443),
      // An IP address must not be sent as a server name (RFC 6066, section 3).
      servername: isIP(host) === 0 ? host : '',
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
    });
    const timer = setTimeout(() => {
      fail(new IotTimeout(url.host, 'did not accept the connection', connectTimeout).error);
    }, connectTimeout);
    const leave = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.off('close', onClose);
    };
    const fail = (reason: unknown): void => {
      leave();
      socket.destroy();
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      reject(reason);
    };
    const onAbort = (): void => {
      fail(signal.reason);
    };
    const onClose = (): void => {
      fail(lostConnection(url.host, false));
    };
    // This listener stays: an error of a socket that nobody listens to would end the process.
    socket.on('error', (error: Error) => {
      fail(networkFailure(url.host, error));
    });
    socket.on('close', onClose).once('secureConnect', () => {
      leave();
      resolve(socket);
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

function exchange(
  socket: TLSSocket,
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
      reject(networkFailure(url.host, error, true));
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
    socket.once('error', fail).once('close', () => {
      // After a whole answer this has no effect.
      setImmediate(reject, lostConnection(url.host, true));
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

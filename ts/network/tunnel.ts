import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { discard } from './await-socket.js';
import { DialFailure } from './dial-failure.js';
import type { Proxy } from './parse-proxy.js';

/**
 * Asks the proxy at the other end of `socket` for a tunnel to a host (RFC 9110, section 9.3.6).
 * When it resolves, the socket leads to that host. Rejects with a `DialFailure` that names the
 * proxy, or with the signal's reason, and then destroys the socket.
 */
export async function openTunnel(
  socket: Socket,
  proxy: Proxy,
  target: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<void> {
  try {
    const answer = await connectThrough(socket, proxy, target, signal);
    const { statusCode = 0 } = answer;
    if (statusCode < 200 || statusCode > 299) throw refusal(proxy, answer);
  } catch (error) {
    discard(socket);
    throw error;
  }
}

function connectThrough(
  socket: Socket,
  proxy: Proxy,
  target: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { host, port } = target;
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const authorization = proxy.authorization();
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      createConnection: () => socket,
      method: 'CONNECT',
      path: authority,
      headers: {
        host: authority,
        ...(authorization !== undefined && { 'proxy-authorization': authorization }),
      },
    });
    const leave = (): void => {
      signal.removeEventListener('abort', onAbort);
    };
    const onAbort = (): void => {
      leave();
      request.on('error', () => undefined).destroy();
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      reject(signal.reason);
    };
    request.on('connect', (answer, _socket, head) => {
      leave();
      if (head.length > 0) socket.unshift(head);
      resolve(answer);
    });
    // To this method, Node hands every final answer to 'connect'; an early one is of no interest.
    request.on('error', (error) => {
      leave();
      reject(lost(proxy, error));
    });
    signal.addEventListener('abort', onAbort, { once: true });
    request.end();
  });
}

/** The connection broke, or what came over it was no answer. */
function lost(proxy: Proxy, cause: Error): DialFailure {
  const { code = '' } = cause as NodeJS.ErrnoException;
  const isGarbage = code.startsWith('HPE_');
  return new DialFailure(cause.message, {
    code: isGarbage ? 'ERR_PROXY_ANSWER' : 'ERR_PROXY_CLOSED',
    proxy: String(proxy),
    cause,
  });
}

function refusal(proxy: Proxy, { statusCode = 0, statusMessage = '' }: IncomingMessage): Error {
  const words = statusMessage.replace(/[^\x20-\x7e]/g, ' ').slice(0, 60);
  return new DialFailure(`HTTP ${statusCode} ${words}`.trim(), {
    code: codeOf(statusCode),
    proxy: String(proxy),
  });
}

function codeOf(status: number): string {
  if (status === 407) return 'ERR_PROXY_AUTHENTICATION';
  return status >= 500 || status === 429 ? 'ERR_PROXY_FAILED' : 'ERR_PROXY_REFUSED';
}

import * as net from 'node:net';
import * as tls from 'node:tls';
import { networkError, timeoutError } from './network-error.js';
import type { ServiceCall } from './service-call.js';
import type { CertificateAuthority } from './sdk-client.js';

/** Pause (ms) before the system probes an idle connection, to find out that the peer is gone. */
const KEEP_ALIVE_DELAY = 15_000;

/** How long (ms) a failed write waits for what the peer has sent before it gave up. */
const READ_GRACE = 1000;

/** How to connect. */
export interface ConnectOptions {
  readonly ca?: CertificateAuthority | undefined;
  /** Milliseconds for name look-up, TCP and TLS together. */
  readonly connectTimeout: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Connects to the host of `url`, with TLS 1.2 or later when it is https. Resolves once data can be
 * sent; rejects with a `KinesisVideoError` or with the signal's reason.
 */
export function connect(url: URL, call: ServiceCall, options: ConnectOptions): Promise<net.Socket> {
  const { connectTimeout, signal } = options;
  return new Promise((resolve, reject) => {
    const socket = openSocket(url, options.ca);
    const connected = url.protocol === 'https:' ? 'secureConnect' : 'connect';
    const timer = setTimeout(() => {
      fail(timeoutError(call, 'did not accept the connection', connectTimeout));
    }, connectTimeout);

    const leave = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.off(connected, onConnect).off('error', onError).off('close', onClose);
    };
    const fail = (reason: unknown): void => {
      leave();
      // What the socket says after it was given up interests nobody, but must be listened to.
      socket.on('error', () => undefined).destroy();
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      reject(reason);
    };
    const onAbort = (): void => {
      fail(signal?.reason);
    };
    const onError = (error: Error): void => {
      fail(networkError(call, error));
    };
    const onClose = (): void => {
      fail(networkError(call, new Error('the connection was closed before it was established')));
    };
    const onConnect = (): void => {
      leave();
      socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_DELAY);
      resolve(socket);
    };

    socket.on(connected, onConnect).on('error', onError).on('close', onClose);
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
  });
}

function openSocket(url: URL, ca: CertificateAuthority | undefined): net.Socket {
  // URL writes an IPv6 address in brackets, which are no part of the address.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (url.protocol === 'http:') return net.connect({ host, port: Number(url.port || 80) });
  return tls.connect({
    host,
    port: Number(url.port || 443),
    // An IP address must not be sent as a server name (RFC 6066, section 3).
    servername: net.isIP(host) ? '' : host,
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
    ...(ca !== undefined && { ca }),
  });
}

/**
 * Makes a failed write wait until what the peer had sent is read, at most a second.
 *
 * A server that refuses a request, or ends an upload with an ERROR acknowledgement, says why and
 * then resets the connection since it does not read the rest. A write that hits the reset makes
 * Node destroy the socket with the reason still unread in the system's buffer.
 */
export function readBeforeWriteErrors(socket: net.Socket): void {
  type Callback = (error?: Error | null) => void;
  const hold =
    (callback: Callback): Callback =>
    (error) => {
      if (!error || socket.destroyed || socket.readableEnded) {
        callback(error);
        return;
      }
      const release = (): void => {
        clearTimeout(timer);
        socket.off('end', release).off('close', release);
        callback(error);
      };
      const timer = setTimeout(release, READ_GRACE);
      socket.once('end', release).once('close', release);
    };

  const write = socket._write.bind(socket);
  const writev = socket._writev?.bind(socket);
  socket._write = (chunk, encoding, callback) => {
    write(chunk, encoding, hold(callback));
  };
  if (writev !== undefined) {
    socket._writev = (chunks, callback) => {
      writev(chunks, hold(callback));
    };
  }
}

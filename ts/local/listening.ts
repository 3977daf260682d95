import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { createServer, type ServerOptions, type Server as HttpsServer } from 'node:https';
import type { RequestListener } from 'node:http';
import { KinesisVideoError } from '../internal/errors.js';

/** Key and certificate of a server, PEM. */
export interface ServerCertificate {
  /** The private key. */
  readonly key: string | Buffer;
  /** The certificate, and those that lead to its root. */
  readonly cert: string | Buffer;
}

/** Starts to listen. Throws KinesisVideoError when that is not possible. */
export async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    const inUse = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    throw new KinesisVideoError(
      'STATUS_INVALID_ARG',
      inUse
        ? `Port ${port} on ${host} is in use. Choose another port, or 0 for any that is free.`
        : `The local endpoint cannot listen on port ${port} of ${host}: ${String(error)}. Choose another host or port.`,
      { values: { host, port }, cause: error },
    );
  }
}

/** Host and port of a server that listens, for clients on this machine. */
export function reachableHost(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  const anywhere: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
  const reachable = anywhere[host] ?? host;
  return `${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

/** A server for HTTPS. Throws KinesisVideoError when `certificate` cannot be used. */
export function createTlsServer(
  certificate: ServerCertificate,
  name: string,
  options: ServerOptions,
  listener: RequestListener,
): HttpsServer {
  const { key, cert } = certificate;
  try {
    return createServer({ ...options, key, cert }, listener);
  } catch (error) {
    throw new KinesisVideoError(
      'STATUS_INVALID_ARG',
      `The key and the certificate for ${name} cannot be used: ${(error as Error).message}. Give both in PEM.`,
      { cause: error },
    );
  }
}

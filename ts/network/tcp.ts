import { lookup as systemLookup } from 'node:dns/promises';
import type { LookupAddress } from 'node:dns';
import * as net from 'node:net';
import { abortable } from '../internal/signal.js';
import type { AddressFamily } from './address-family.js';
import { discard } from './await-socket.js';
import { DialFailure } from './dial-failure.js';

/** Head start (ms) of an address over the next one: RFC 8305, section 5. */
const HEAD_START = 250;

/** Pause (ms) before the system probes an idle connection, to find out that the peer is gone. */
const KEEP_ALIVE_DELAY = 15_000;

/** Finds the addresses of a name, 0 for both families, best first. */
export type Lookup = (host: string, family: 0 | 4 | 6) => Promise<readonly LookupAddress[]>;

/** What `connectTcp` needs besides the address. */
export interface TcpOptions {
  readonly family: AddressFamily | undefined;
  readonly lookup?: Lookup | undefined;
  readonly signal: AbortSignal;
}

/** Codes of attempts that say less about the host than those of its other addresses. */
const NO_ROUTE = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT']);

/**
 * Connects to a host, whose name is looked up anew. Of several addresses each gets a quarter of a
 * second before the next one is tried besides it, and the first that answers counts (RFC 8305):
 * unlike Node's own way, no attempt is given up before another one has succeeded, since on a slow
 * link all of them take longer.
 *
 * Rejects with the error of the name look-up or of an attempt, or with the signal's reason.
 */
export async function connectTcp(
  host: string,
  port: number,
  options: TcpOptions,
): Promise<net.Socket> {
  const { family, lookup = lookUp, signal } = options;
  const addresses = net.isIP(host)
    ? [{ address: host, family: net.isIP(host) }]
    : await abortable(findAddresses(host, family, lookup), signal);
  signal.throwIfAborted();
  const socket = await race(alternate(addresses), port, signal);
  return socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_DELAY);
}

function lookUp(host: string, family: 0 | 4 | 6): Promise<LookupAddress[]> {
  return systemLookup(host, { all: true, family, verbatim: true });
}

async function findAddresses(
  host: string,
  family: AddressFamily | undefined,
  lookup: Lookup,
): Promise<readonly LookupAddress[]> {
  const wanted = family === undefined ? 0 : family === 'ipv4' ? 4 : 6;
  try {
    return await lookup(host, wanted);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (family === undefined || (code !== 'ENOTFOUND' && code !== 'ENODATA')) throw cause;
    const name = family === 'ipv4' ? 'IPv4' : 'IPv6';
    throw new DialFailure(`no ${name} address is known of ${host}`, {
      code: 'ERR_ADDRESS_FAMILY',
      cause,
    });
  }
}

/** Brings the addresses into an order in which the families take turns: RFC 8305, section 4. */
function alternate(addresses: readonly LookupAddress[]): LookupAddress[] {
  const first = addresses.filter(({ family }) => family === addresses[0]?.family);
  const other = addresses.filter(({ family }) => family !== addresses[0]?.family);
  const longest = Math.max(first.length, other.length);
  return Array.from({ length: longest }, (_, index) => [first[index], other[index]])
    .flat()
    .filter((address) => address !== undefined);
}

function race(
  addresses: readonly LookupAddress[],
  port: number,
  signal: AbortSignal,
): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const attempts = new Set<net.Socket>();
    const errors: NodeJS.ErrnoException[] = [];
    let next = 0;
    let timer: NodeJS.Timeout | undefined;

    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      for (const socket of attempts) discard(socket.removeAllListeners());
    };
    const onAbort = (): void => {
      finish();
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      reject(signal.reason);
    };
    const tryNext = (): void => {
      clearTimeout(timer);
      const address = addresses[next];
      if (address === undefined) {
        if (attempts.size > 0) return;
        finish();
        const telling = errors.find(({ code = '' }) => !NO_ROUTE.has(code)) ?? errors[0];
        reject(telling ?? new DialFailure('the name has no address', { code: 'ENOTFOUND' }));
        return;
      }
      next += 1;
      const socket = net.connect({ host: address.address, port });
      attempts.add(socket);
      socket.once('connect', () => {
        attempts.delete(socket.removeAllListeners());
        finish();
        resolve(socket);
      });
      socket.once('error', (error) => {
        attempts.delete(socket);
        errors.push(error);
        tryNext();
      });
      if (next < addresses.length) timer = setTimeout(tryNext, HEAD_START);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    tryNext();
  });
}

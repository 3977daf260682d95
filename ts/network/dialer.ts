import * as net from 'node:net';
import * as tls from 'node:tls';
import { abortable, mergeSignals } from '../internal/signal.js';
import { KinesisVideoError } from '../internal/errors.js';
import { resolveAddressFamily, type AddressFamily } from './address-family.js';
import { awaitSocket, discard } from './await-socket.js';
import { DialFailure } from './dial-failure.js';
import { bareHost, type Proxy, type ProxyOption } from './parse-proxy.js';
import { portOf, ProxyChoice } from './proxy.js';
import { connectTcp, type Lookup } from './tcp.js';
import { Trust, type CertificateAuthority, type ClientCertificate } from './trust.js';
import { openTunnel } from './tunnel.js';

/** How connections are made. All of it can be copied to another thread, but for `lookup`. */
export interface DialerOptions {
  /** Which addresses may be used; default by AWS_KVS_USE_IPV4 and AWS_KVS_USE_IPV6, else all. */
  readonly addressFamily?: AddressFamily | undefined;
  /** Whom to trust; default by AWS_KVS_CACERT_PATH, else the roots of Node.js. */
  readonly ca?: CertificateAuthority | undefined;
  /** The proxy to go through; default by HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY. */
  readonly proxy?: ProxyOption | undefined;
  /** Finds the addresses of names; default is the system. */
  readonly lookup?: Lookup | undefined;
}

/** What one connection needs. */
export interface DialOptions {
  /** Milliseconds for name look-up, proxy, TCP and TLS together. */
  readonly connectTimeout: number;
  readonly signal?: AbortSignal | undefined;
  /** What to show to a server that asks who this is. */
  readonly identity?: ClientCertificate | undefined;
}

/** Where a connection leads to. */
interface Address {
  readonly host: string;
  readonly port: number;
}

/** What is being waited for, and through which proxy. */
interface Progress {
  problem: string;
  proxy: string | undefined;
}

/**
 * Makes the TCP and TLS connections of this package, all in the same way: the addresses of a host
 * compete, TLS is 1.2 or later, and through a proxy each connection is a tunnel that CONNECT opens,
 * also to a server of plain http, since what goes up PutMedia is no message that a proxy could
 * store and forward.
 */
export class Dialer {
  readonly #family: AddressFamily | undefined;
  readonly #lookup: Lookup | undefined;
  readonly #proxies: ProxyChoice;
  readonly #trust: Trust;

  /** @throws KinesisVideoError STATUS_INVALID_ARG for the URL of a proxy that is none */
  constructor(options: DialerOptions = {}) {
    this.#family = resolveAddressFamily(options.addressFamily);
    this.#lookup = options.lookup;
    this.#proxies = new ProxyChoice(options.proxy);
    this.#trust = new Trust(options.ca);
  }

  /**
   * Reads the files with certificates, so that what is wrong with them shows at once.
   *
   * @throws KinesisVideoError STATUS_INVALID_CA_CERT_PATH, STATUS_INVALID_CERT_PATH_LENGTH or
   * STATUS_INVALID_ARG
   */
  async prepare(): Promise<void> {
    await this.#trust.context();
  }

  /**
   * Connects to the host of an http or https URL. Resolves once data can be sent. Rejects with the
   * signal's reason, with a `KinesisVideoError` about the certificates to trust, or with what
   * `networkError` turns into one; nothing is left open then.
   */
  async dial(url: URL, options: DialOptions): Promise<net.Socket> {
    const { connectTimeout, signal } = options;
    const progress: Progress = { problem: '', proxy: undefined };
    const limit = new AbortController();
    const timer = setTimeout(() => {
      limit.abort(timeout(progress, connectTimeout));
    }, connectTimeout);
    const stop = mergeSignals(signal, limit.signal);
    try {
      stop.signal.throwIfAborted();
      return await this.#open(url, progress, stop.signal, options.identity);
    } catch (error) {
      // The caller's reason and errors of this package are complete; the rest lacks the proxy.
      if (stop.signal.aborted || error instanceof KinesisVideoError) throw error;
      throw progress.proxy === undefined ? error : viaProxy(progress.proxy, error);
    } finally {
      clearTimeout(timer);
      stop.release();
    }
  }

  async #open(
    url: URL,
    progress: Progress,
    signal: AbortSignal,
    identity: ClientCertificate | undefined,
  ): Promise<net.Socket> {
    const target = { host: bareHost(url), port: portOf(url) };
    const proxy = this.#proxies.for(url);
    // First of all, since a connected socket must not wait for files: its errors would go unheard.
    const toProxy = proxy?.isSecure ? await this.#context(signal) : undefined;
    const toTarget = url.protocol === 'https:' ? await this.#context(signal, identity) : undefined;

    const socket = proxy
      ? await this.#throughProxy(proxy, toProxy, target, progress, signal)
      : await this.#connect(target, progress, signal);
    progress.proxy = undefined;
    return toTarget ? this.#secure(socket, target.host, toTarget, progress, signal) : socket;
  }

  async #throughProxy(
    proxy: Proxy,
    secureContext: tls.SecureContext | undefined,
    target: Address,
    progress: Progress,
    signal: AbortSignal,
  ): Promise<net.Socket> {
    progress.proxy = String(proxy);
    let socket = await this.#connect(proxy, progress, signal);
    if (secureContext) {
      socket = await this.#secure(socket, proxy.host, secureContext, progress, signal);
    }
    progress.problem = 'did not open a tunnel';
    await openTunnel(socket, proxy, target, signal);
    return socket;
  }

  #connect({ host, port }: Address, progress: Progress, signal: AbortSignal): Promise<net.Socket> {
    progress.problem = 'did not accept the connection';
    return connectTcp(host, port, { family: this.#family, lookup: this.#lookup, signal });
  }

  async #secure(
    socket: net.Socket,
    host: string,
    secureContext: tls.SecureContext,
    progress: Progress,
    signal: AbortSignal,
  ): Promise<net.Socket> {
    progress.problem = 'did not finish the TLS handshake';
    const secure = tls.connect({
      socket,
      host,
      // An IP address must not be sent as a server name (RFC 6066, section 3).
      servername: net.isIP(host) ? '' : host,
      secureContext,
      ALPNProtocols: ['http/1.1'],
    });
    try {
      await awaitSocket(secure, 'secureConnect', signal);
      return secure;
    } catch (error) {
      discard(socket);
      this.#trust.forget();
      throw error;
    }
  }

  #context(signal: AbortSignal, identity?: ClientCertificate): Promise<tls.SecureContext> {
    return abortable(this.#trust.context(identity), signal);
  }
}

function timeout({ problem, proxy }: Progress, milliseconds: number): DialFailure {
  const whole = `${problem} within ${milliseconds} ms`;
  return new DialFailure(whole, { code: 'ETIMEDOUT', problem: whole, proxy });
}

function viaProxy(proxy: string, cause: unknown): DialFailure {
  if (cause instanceof DialFailure && cause.proxy !== undefined) return cause;
  const { message, code } = cause as NodeJS.ErrnoException;
  return new DialFailure(message, { code: code ?? 'ERR_PROXY_CLOSED', proxy, cause });
}

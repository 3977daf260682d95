import { KinesisVideoError } from '../internal/errors.js';
import { bypasses } from './no-proxy.js';

/** The URL of a proxy, or false for none whatever the environment says. */
export type ProxyOption = string | false;

/** A proxy. What it prints as, and what is in errors, lacks user and password. */
export class Proxy {
  readonly isSecure: boolean;
  readonly host: string;
  readonly port: number;
  readonly #authorization: string | undefined;

  constructor(url: URL) {
    this.isSecure = url.protocol === 'https:';
    this.host = bareHost(url);
    this.port = Number(url.port) || (this.isSecure ? 443 : 80);
    const { username, password } = url;
    if (username !== '' || password !== '') {
      const pair = `${decode(username)}:${decode(password)}`;
      this.#authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
    }
  }

  /** The value of the Proxy-Authorization header (RFC 7617), when there are user and password. */
  authorization(): string | undefined {
    return this.#authorization;
  }

  /** Its URL without user and password. */
  toString(): string {
    const host = this.host.includes(':') ? `[${this.host}]` : this.host;
    return `${this.isSecure ? 'https' : 'http'}://${host}:${this.port}`;
  }
}

/**
 * Reads the URL of a proxy, which may lack its scheme, as in `proxy:3128`.
 *
 * @param name - what it is called in the error, such as the option's or the variable's name
 * @throws KinesisVideoError STATUS_INVALID_ARG, without the text, which may hold a password
 */
export function parseProxy(text: string, name: string): Proxy {
  const given = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.hostname !== '') {
    return new Proxy(url);
  }
  const advice = 'give a URL such as http://proxy:3128, user and password in front of the host';
  const what = url === undefined ? 'something else' : `one of ${url.protocol}`;
  throw new KinesisVideoError(
    'STATUS_INVALID_ARG',
    `Expected the URL of an HTTP proxy for ${name} but received ${what}: ${advice}.`,
    { values: { name }, advice },
  );
}

/**
 * Which proxy the way to a URL goes through.
 *
 * A proxy that is given takes every connection. Else the environment says, in the meaning that curl
 * and Go gave it: HTTPS_PROXY or HTTP_PROXY by the scheme of the URL, then ALL_PROXY, each in lower
 * case first, but for the hosts that NO_PROXY names and for this machine itself.
 */
export class ProxyChoice {
  readonly #choose: (url: URL) => Proxy | undefined;

  /** @throws KinesisVideoError STATUS_INVALID_ARG for a URL that is none, also in the environment */
  constructor(option?: ProxyOption) {
    if (option === false) {
      this.#choose = () => undefined;
    } else if (option === undefined) {
      const byScheme = new Map<string, Proxy | undefined>(
        ['http', 'https'].map((scheme) => [`${scheme}:`, fromEnvironment(scheme)] as const),
      );
      const noProxy = variable('no_proxy')?.value ?? '';
      this.#choose = (url) =>
        bypasses(noProxy, bareHost(url), portOf(url)) ? undefined : byScheme.get(url.protocol);
    } else {
      const proxy = parseProxy(option, '`proxy`');
      this.#choose = () => proxy;
    }
  }

  /** The proxy for `url`; undefined to connect directly. */
  for(url: URL): Proxy | undefined {
    return this.#choose(url);
  }
}

/** The host of a URL. URL writes an IPv6 address in brackets, which are no part of the address. */
export function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** The port of an http or https URL. */
export function portOf({ port, protocol }: URL): number {
  return Number(port) || (protocol === 'https:' ? 443 : 80);
}

function fromEnvironment(scheme: string): Proxy | undefined {
  const found = variable(`${scheme}_proxy`) ?? variable('all_proxy');
  return found && parseProxy(found.value, found.name);
}

function variable(lowerCase: string): { name: string; value: string } | undefined {
  for (const name of [lowerCase, lowerCase.toUpperCase()]) {
    const value = process.env[name];
    if (value) return { name, value };
  }
  return undefined;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

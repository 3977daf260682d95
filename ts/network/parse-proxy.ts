import { KinesisVideoError } from '../internal/errors.js';

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

/** The host of a URL. URL writes an IPv6 address in brackets, which are no part of the address. */
export function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

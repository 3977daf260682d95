import { bypasses } from './no-proxy.js';
import { bareHost, parseProxy, type Proxy, type ProxyOption } from './parse-proxy.js';

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

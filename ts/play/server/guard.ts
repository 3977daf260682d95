import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Names of this machine by which a browser may ask for the page. */
const HOSTS = ['127.0.0.1', 'localhost', '[::1]'];
/** Who may ask: the page itself, or a person by following a link or typing. */
const SITES = ['same-origin', 'none'];

/**
 * Says why a request is not answered; undefined when it is. Every site that is open in the browser can
 * send requests to this machine: by a name of its own that leads here, by its scripts, or as a picture.
 * They are told apart by the headers that scripts cannot set, and none of them knows the token.
 */
export function refusal(
  { headers, url = '' }: IncomingMessage,
  port: number,
  token: string,
): string | undefined {
  const { host = '', origin } = headers;
  if (!HOSTS.some((name) => host === `${name}:${port}`)) {
    return `The page is not served under the name ${JSON.stringify(host)}, only under 127.0.0.1:${port}.`;
  }
  if (origin !== undefined && origin !== `http://${host}`) {
    return 'The page does not answer to other sites.';
  }
  const site = headers['sec-fetch-site'];
  if (site !== undefined && !SITES.includes(site) && headers['sec-fetch-mode'] !== 'navigate') {
    return 'The page does not answer to other sites.';
  }
  if (!isSame(url.split('/', 2)[1] ?? '', token)) {
    return 'This address is not complete or no longer valid: open the one that kvs play has printed.';
  }
  return undefined;
}

function isSame(given: string, token: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(token)];
  return one.length === other.length && timingSafeEqual(one, other);
}

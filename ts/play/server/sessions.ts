import { randomBytes } from 'node:crypto';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { networkError, type Agents } from '../../network/index.js';
import { begin } from './answer.js';

/** Sessions that are kept; the oldest one goes when a further one comes. */
const CAPACITY = 50;
const PASSED_ON = ['content-type', 'content-length', 'content-range', 'accept-ranges', 'date'];

/**
 * Playback sessions, which the page reads through its server: the browser need not trust the endpoint's
 * certificate nor know the proxy, and the page needs to reach no other site.
 */
export class Sessions {
  readonly #agents: Agents;
  /** URLs of the folders of sessions by the names that the page knows them by. */
  readonly #folders = new Map<string, string>();

  constructor(agents: Agents) {
    this.#agents = agents;
  }

  /** Takes the URL that a session begins with; returns the one for the page, relative to its root. */
  add(url: string): string {
    const { href, search, pathname } = new URL(url);
    const file = pathname.slice(pathname.lastIndexOf('/') + 1);
    const id = randomBytes(8).toString('hex');
    this.#folders.set(id, new URL('.', href).href);
    const [oldest = ''] = this.#folders.keys();
    if (this.#folders.size > CAPACITY) this.#folders.delete(oldest);
    return `session/${id}/${file}${search}`;
  }

  /** Answers with what the endpoint has at `path`, such as `ID/getHLSMasterPlaylist.m3u8?…`; false for no session. */
  async send(path: string, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const [, id = '', file = ''] = /^(\w+)\/([\w.-]+(?:\?.*)?)$/s.exec(path) ?? [];
    const folder = this.#folders.get(id);
    if (folder === undefined) return false;
    const answer = await this.#get(new URL(file, folder), request, response);
    const headers = PASSED_ON.flatMap((name) => {
      const value = answer.headers[name];
      return typeof value === 'string' ? [[name, value] as const] : [];
    });
    begin(response, answer.statusCode ?? 502, Object.fromEntries(headers));
    await pipeline(answer, response);
    return true;
  }

  #get(url: URL, asked: IncomingMessage, response: ServerResponse): Promise<IncomingMessage> {
    const { range } = asked.headers;
    const isSecure = url.protocol === 'https:';
    const { httpAgent, httpsAgent } = this.#agents;
    return new Promise((resolve, reject) => {
      const request = (isSecure ? httpsRequest : httpRequest)(
        url,
        {
          agent: isSecure ? httpsAgent : httpAgent,
          headers: { ...(range !== undefined && { range }) },
        },
        resolve,
      );
      const name = `service at ${url.origin}`;
      request.once('error', (error) => {
        reject(networkError({ name, operation: 'playback', values: {} }, error));
      });
      response.once('close', () => request.destroy());
      request.end();
    });
  }
}

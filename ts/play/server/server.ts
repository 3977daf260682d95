import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { KinesisVideoError } from '../../internal/errors.js';
import type { Agents } from '../../network/index.js';
import type { AckEvent, PageConfig } from '../protocol.js';
import type { PlaySource } from '../source.js';
import { begin, sendError, sendJson, sendText } from './answer.js';
import { Assets } from './assets.js';
import { EventStream } from './event-stream.js';
import { refusal } from './guard.js';
import { parseRange, parseSession, parseStart } from './requests.js';
import { Sessions } from './sessions.js';

const HOST = '127.0.0.1';

/** What the page is served from. */
export interface PlayServerOptions {
  readonly config: PageConfig;
  readonly source: PlaySource;
  /** TCP port; 0 takes a free one. */
  readonly port: number;
  /** Make the connections to playback sessions. */
  readonly agents: Agents;
  /** Called with what went wrong while a request was answered. */
  readonly log?: ((error: unknown) => void) | undefined;
}

/**
 * Serves the page to browsers on this machine, and stands between it and the service: requests are
 * signed here, so that the page needs no credentials.
 */
export class PlayServer {
  readonly #options: PlayServerOptions;
  readonly #assets: Assets;
  readonly #server: Server;
  readonly #sessions: Sessions;
  readonly #events = new EventStream();
  readonly #token = randomBytes(16).toString('hex');

  private constructor(options: PlayServerOptions, assets: Assets) {
    this.#options = options;
    this.#assets = assets;
    this.#sessions = new Sessions(options.agents);
    // What holds frames up until a packet is full would be seen.
    this.#server = createServer({ noDelay: true }, (request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        this.#options.log?.(error);
        sendError(response, error);
      });
    });
  }

  /** Starts to listen. Throws KinesisVideoError when the port is in use or the page is not built. */
  static async start(options: PlayServerOptions): Promise<PlayServer> {
    const server = new PlayServer(options, await Assets.open());
    await server.#listen();
    return server;
  }

  /** Address of the page. It holds a token, without which nothing is answered. */
  get url(): string {
    return `http://${HOST}:${this.#port}/${this.#token}/`;
  }

  /** Shows an acknowledgement on the page. */
  publish(event: AckEvent): void {
    this.#events.publish(event);
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async #listen(): Promise<void> {
    const { port } = this.#options;
    try {
      this.#server.listen(port, HOST);
      await once(this.#server, 'listening');
    } catch (cause) {
      const advice = 'choose another one with --port, or 0 for any that is free';
      const message = `The page cannot be served on port ${port} of ${HOST} (${(cause as Error).message}): ${advice}.`;
      throw new KinesisVideoError('STATUS_INVALID_ARG', message, {
        values: { port },
        advice,
        cause,
      });
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reason = refusal(request, this.#port, this.#token);
    if (reason !== undefined) {
      sendText(response, 403, reason);
      return;
    }
    // A client that goes away in the middle is no failure.
    const gone = new AbortController();
    response.once('close', () => {
      gone.abort();
    });
    response.on('error', () => undefined);
    try {
      await this.#route(request, response, gone.signal);
    } catch (error) {
      if (!gone.signal.aborted) throw error;
    }
  }

  async #route(
    request: IncomingMessage,
    response: ServerResponse,
    signal: AbortSignal,
  ): Promise<void> {
    const path = (request.url ?? '').slice(this.#token.length + 2);
    const url = new URL(path, 'http://page');
    if (request.method !== 'GET') {
      response.setHeader('allow', 'GET');
      sendText(response, 405, 'Only GET is answered.');
      return;
    }
    switch (url.pathname) {
      case '/config':
        sendJson(response, this.#options.config);
        return;
      case '/media':
        await this.#sendMedia(url.searchParams, response, signal);
        return;
      case '/fragments': {
        const { start, end } = parseRange(url.searchParams);
        sendJson(response, await this.#options.source.listFragments(start, end, signal));
        return;
      }
      case '/session': {
        const session = parseSession(url.searchParams);
        const found = await this.#options.source.openSession(session, signal);
        sendJson(response, { url: this.#sessions.add(found) });
        return;
      }
      case '/events':
        this.#events.attach(response);
        return;
      default:
        await this.#sendFile(path, request, response);
    }
  }

  async #sendMedia(
    query: URLSearchParams,
    response: ServerResponse,
    signal: AbortSignal,
  ): Promise<void> {
    const media = await this.#options.source.getMedia(parseStart(query), signal);
    begin(response, 200, { 'content-type': 'video/x-matroska' });
    response.flushHeaders();
    await pipeline(media, response);
  }

  async #sendFile(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const session = /^session\/(.*)$/s.exec(path)?.[1];
    const [name = ''] = path.split('?', 1);
    const isFound =
      session === undefined
        ? await this.#assets.send(name === '' ? 'index.html' : name, request, response)
        : await this.#sessions.send(session, request, response);
    if (!isFound) sendText(response, 404, 'There is no such thing here.');
  }
}

/** Stands in front of an endpoint as HTTP server, and answers calls wrongly when it is told to. */
import { once } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { resetNow } from './reset.js';
import { MediaExchange, type AckRule } from './media-exchange.js';

/** The calls of a producer. */
export type Operation =
  'describeStream' | 'createStream' | 'tagStream' | 'getDataEndpoint' | 'putMedia';

/** One request and its answer. */
export interface Call {
  readonly operation: string;
  readonly request: http.IncomingMessage;
  readonly response: http.ServerResponse;
}

/** Deals with a call in place of the endpoint; false leaves it to the endpoint. */
export type Interception = (call: Call) => boolean;

/** Key and certificate in PEM. */
export interface Identity {
  readonly key: string | Buffer;
  readonly cert: string | Buffer;
}

/** Relays requests to an endpoint, byte for byte, apart from what it is told to spoil. */
export class HttpInjector {
  readonly #target: string;
  readonly #server: http.Server | https.Server;
  readonly #sockets = new Set<Socket>();
  readonly #rules = new Map<string, Interception>();
  readonly #tls: boolean;
  /** Names of the calls that came, in order. */
  readonly calls: string[] = [];
  /** The PutMedia calls that go on. */
  readonly media = new Set<MediaExchange>();
  /** What happens to acknowledgements. */
  ackRule: AckRule | undefined;
  /** Whether answers to PutMedia stay open when the endpoint has ended its own. */
  holdsEnd = false;
  /** What GetDataEndpoint answers; the injector itself when undefined. */
  dataEndpoint: string | undefined;
  /** Milliseconds that the `Date` of the answers is ahead. */
  clockOffset = 0;

  private constructor(target: string, tls: Identity | undefined) {
    this.#target = target;
    this.#tls = tls !== undefined;
    const listener: http.RequestListener = (request, response) => {
      this.#serve(request, response);
    };
    this.#server = tls ? https.createServer({ ...tls }, listener) : http.createServer(listener);
    this.#server.requestTimeout = 0;
    this.#server.headersTimeout = 0;
    this.#server.keepAliveTimeout = 60_000;
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
    });
    // A handshake that fails is what some rows want.
    this.#server.on('tlsClientError', () => undefined);
    this.#server.on('clientError', (_error, socket) => socket.destroy());
  }

  /** Starts on a free port in front of `target`, with TLS when there is an identity. */
  static async start(target: string, tls?: Identity): Promise<HttpInjector> {
    const injector = new HttpInjector(target, tls);
    injector.#server.listen(0, '127.0.0.1');
    await once(injector.#server, 'listening');
    return injector;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Has every call of the operation dealt with by `rule`, until `heal`. */
  on(operation: Operation, rule: Interception): void {
    this.#rules.set(operation, rule);
  }

  /** Has calls answered so: the status, the service's name of the error, and headers or a body. */
  answer(
    operations: Operation | readonly Operation[],
    status: number,
    type = '',
    more: { headers?: Record<string, string>; body?: string } = {},
  ): void {
    for (const operation of [operations].flat()) {
      this.on(operation, ({ request, response }) => {
        refuse(request, response, status, type, more);
        return true;
      });
    }
  }

  /** Shows another certificate to those who connect from now on. */
  present(identity: Identity): void {
    if ('setSecureContext' in this.#server) this.#server.setSecureContext({ ...identity });
  }

  /** Resets every connection. */
  reset(): void {
    for (const socket of this.#sockets) resetNow(socket);
  }

  /** Answers rightly from now on. */
  heal(): void {
    this.#rules.clear();
    this.ackRule = undefined;
    this.holdsEnd = false;
    for (const exchange of this.media) exchange.heal();
  }

  /** Ends everything. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #serve(request: http.IncomingMessage, response: http.ServerResponse): void {
    const operation = request.url?.slice(1) ?? '';
    this.calls.push(operation);
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    response.setHeader('date', new Date(Date.now() + this.clockOffset).toUTCString());
    if (this.#rules.get(operation)?.({ operation, request, response }) === true) return;
    this.#forward(operation, request, response);
  }

  #forward(operation: string, request: http.IncomingMessage, response: http.ServerResponse): void {
    const upstream = http.request(new URL(request.url ?? '/', this.#target), {
      method: request.method ?? 'POST',
      headers: request.headers,
      agent: false,
    });
    upstream.on('error', () => {
      if (!response.writableEnded) resetOf(request);
    });
    request.on('close', () => {
      if (!request.complete) upstream.destroy();
    });
    response.on('close', () => upstream.destroy());
    upstream.on('response', (answer) => {
      answer.on('error', () => {
        if (!response.writableEnded) resetOf(request);
      });
      const headers = { ...answer.headers };
      delete headers.date;
      if (operation === 'putMedia' && answer.statusCode === 200) {
        const exchange = new MediaExchange(this, request, response, upstream, answer);
        this.media.add(exchange);
        response.on('close', () => this.media.delete(exchange));
        response.writeHead(200, headers).flushHeaders();
      } else if (operation === 'getDataEndpoint' && answer.statusCode === 200) {
        void this.#rewrite(answer, request, response);
      } else {
        response.writeHead(answer.statusCode ?? 502, headers);
        answer.pipe(response);
      }
    });
    if (operation === 'putMedia') upstream.flushHeaders();
    request.pipe(upstream);
  }

  /** The endpoint does not know about TLS in front of it, nor that it has moved. */
  async #rewrite(
    answer: http.IncomingMessage,
    request: http.IncomingMessage,
    response: http.ServerResponse,
  ): Promise<void> {
    const own = `${this.#tls ? 'https' : 'http'}://${request.headers.host ?? ''}`;
    try {
      await answer.resume().toArray();
    } catch {
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ DataEndpoint: this.dataEndpoint ?? own }));
  }
}

/** Answers as the service refuses. The body of an upload is read on for a moment, as it does. */
export function refuse(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  status: number,
  type: string,
  { headers = {}, body }: { headers?: Record<string, string>; body?: string } = {},
): void {
  request.resume();
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(type !== '' && { 'x-amzn-errortype': type }),
    ...headers,
  });
  response.end(body ?? JSON.stringify({ Message: 'because the test says so' }));
  const timer = setTimeout(() => request.socket.destroy(), 500);
  request.once('end', () => {
    clearTimeout(timer);
  });
  request.once('close', () => {
    clearTimeout(timer);
  });
}

/** Resets the connection of a request. */
export function resetOf(request: http.IncomingMessage): void {
  const { socket } = request;
  // Of a TLS connection it is the one below that can be reset.
  const below = (socket as Socket & { _parent?: Socket | null })._parent ?? socket;
  resetNow(below);
  socket.destroy();
}

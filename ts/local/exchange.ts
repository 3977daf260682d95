import { randomUUID } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { AuthenticationException, ServiceException } from './exceptions.js';

const MAX_BODY_BYTES = 1024 * 1024;
const BODY_TIMEOUT_MS = 30_000;
/** How long a client may go on sending after its answer is complete. */
const LINGER_MS = 1000;

/** One request and its response, with what the service adds to every response. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId = randomUUID();
  readonly #closed = new AbortController();
  /** True when the client wants the connection closed after the response. */
  readonly #closesAfterwards: boolean;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.request = request;
    this.response = response;
    response.setHeader('x-amzn-RequestId', this.requestId);
    // Node.js would close as soon as the response is written, even while the client still sends.
    this.#closesAfterwards = !response.shouldKeepAlive;
    response.shouldKeepAlive = true;
    response.on('close', () => {
      this.#closed.abort();
    });
    // A client that goes away is seen through `closed`; without listeners it would end the process.
    request.on('error', () => undefined);
    response.on('error', () => undefined);
  }

  /** Aborted when the response is complete or the client is gone. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** The path of the request, without its query. */
  get path(): string {
    return (this.request.url ?? '/').split('?', 1)[0] ?? '/';
  }

  /** Reads the whole body. Throws ServiceException when it is too large; a slow client is cut off. */
  async readBody(): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => this.request.destroy(), BODY_TIMEOUT_MS);
    try {
      for await (const piece of this.request.iterator({ destroyOnReturn: false })) {
        size += (piece as Buffer).length;
        if (size > MAX_BODY_BYTES) {
          throw new ServiceException(
            'RequestEntityTooLargeException',
            `The request body is larger than ${MAX_BODY_BYTES} bytes`,
          );
        }
        pieces.push(piece as Buffer);
      }
    } finally {
      clearTimeout(timer);
    }
    return Buffer.concat(pieces, size);
  }

  /** Sends the status and headers of a successful response whose body follows piece by piece. */
  begin(headers: OutgoingHttpHeaders): void {
    this.response.writeHead(200, headers);
    this.response.flushHeaders();
  }

  /** Sends a whole response. */
  send(status: number, body: object, headers: OutgoingHttpHeaders = {}): void {
    const text = JSON.stringify(body);
    this.response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      ...headers,
    });
    this.end(text);
  }

  /** Answers with what went wrong, or cuts the connection when the response is under way. */
  fail(error: unknown): void {
    if (this.response.headersSent) {
      this.response.destroy();
      return;
    }
    const known = error instanceof ServiceException || error instanceof AuthenticationException;
    const answer = known ? error : new ServiceException('InternalFailure', String(error));
    this.send(answer.httpStatus, answer.body, { 'x-amzn-ErrorType': answer.type });
  }

  /**
   * Ends the response. A client that still sends is read and ignored for a moment, since closing
   * at once would reset the connection and could take the response away from it.
   */
  end(lastPiece: string | Uint8Array = ''): void {
    const { request, response } = this;
    response.end(lastPiece);
    const { socket } = request;
    const closeIfWanted = (): void => {
      if (this.#closesAfterwards) socket.end();
    };
    if (request.complete || request.destroyed) {
      closeIfWanted();
      return;
    }
    request.resume();
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    request.once('end', closeIfWanted).once('close', () => {
      clearTimeout(timer);
    });
  }
}

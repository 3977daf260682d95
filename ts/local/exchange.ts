import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { Refusal, ServiceException } from './exceptions.js';
import { Pacer } from './media/pacer.js';

const MAX_BODY_BYTES = 1024 * 1024;
const BODY_TIMEOUT_MS = 30_000;
/** How long a client may go on sending after its answer is complete. */
const LINGER_MS = 1000;
/** Pieces per second of a body that has a pace, and the largest piece. */
const PACED_PIECES = 20;
const MAX_PACED_BYTES = 256 * 1024;

/** One request and its response, with what the service adds to every response. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId = randomUUID();
  /** When the request came, by `performance.now()`. */
  readonly startedAt = performance.now();
  /** Told about bytes of the body that have been given to the connection. */
  onSent: (bytes: number) => void = () => undefined;
  readonly #closed = new AbortController();
  /** True when the client wants the connection closed after the response. */
  readonly #closesAfterwards: boolean;
  #rate = Infinity;
  #pacer: Pacer | undefined;
  /** Bytes of the body that may still be sent before the connection is reset. */
  #left = Infinity;

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

  /** Has the body sent no faster than at `rate` bytes per second. Of several rates the lowest counts. */
  pace(rate: number): void {
    if (rate >= this.#rate) return;
    this.#rate = rate;
    this.#pacer = new Pacer(rate);
  }

  /** Has the connection reset as soon as `bytes` of the body have been sent. */
  breakAfter(bytes: number): void {
    this.#left = bytes;
  }

  /**
   * Writes a piece of a body that was begun. Waits while the client is behind, or the body ahead of
   * its pace, until `signal` is aborted; then nothing is written any more.
   */
  async write(bytes: Uint8Array, signal: AbortSignal = this.closed): Promise<void> {
    const paced = Math.max(1, Math.min(MAX_PACED_BYTES, Math.round(this.#rate / PACED_PIECES)));
    const size = this.#pacer === undefined ? bytes.length : paced;
    for (let at = 0; at < bytes.length && !signal.aborted; at += size) {
      await this.#writePiece(bytes.subarray(at, at + size), signal);
    }
  }

  /** Sends a whole response: JSON, or text of the content type that the headers say. */
  send(status: number, body: object | string, headers: OutgoingHttpHeaders = {}): void {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
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
    const known = error instanceof Refusal;
    const { httpStatus, type, body } = known
      ? error
      : new ServiceException('InternalFailure', String(error));
    this.send(httpStatus, body, {
      ...(type !== '' && { 'x-amzn-ErrorType': type }),
      ...(typeof body === 'string' && { 'content-type': 'text/html' }),
    });
  }

  /** Takes what the client sends and never answers; waits until the client is gone. */
  async hang(): Promise<void> {
    this.request.resume();
    if (!this.closed.aborted) await once(this.closed, 'abort');
  }

  /** Resets the connection; one with TLS is cut. */
  reset(): void {
    const { socket } = this.request;
    if (socket instanceof TLSSocket) socket.destroy();
    else socket.resetAndDestroy();
  }

  /**
   * Ends the response. A client that still sends is read and ignored for a moment, since closing
   * at once would reset the connection and could take the response away from it.
   */
  end(lastPiece: string | Uint8Array = ''): void {
    const isLimited = this.#pacer !== undefined || this.#left < Infinity;
    if (!isLimited || lastPiece.length === 0) {
      this.onSent(Buffer.byteLength(lastPiece));
      this.#finish(lastPiece);
      return;
    }
    void this.write(Buffer.from(lastPiece)).then(() => {
      this.#finish();
    });
  }

  async #writePiece(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const { response } = this;
    const allowed = bytes.subarray(0, this.#left);
    this.#left -= allowed.length;
    this.onSent(allowed.length);
    if (this.#left === 0) {
      response.write(allowed, () => {
        this.reset();
      });
      await this.hang();
      return;
    }
    const isBehind = !response.write(allowed);
    if (isBehind) await once(response, 'drain', { signal }).catch(() => undefined);
    const delay = this.#pacer?.delayAfter(allowed.length, performance.now()) ?? 0;
    if (delay > 0) await sleep(delay, undefined, { signal }).catch(() => undefined);
  }

  #finish(lastPiece: string | Uint8Array = ''): void {
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

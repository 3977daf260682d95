import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { KinesisVideoError } from '../internal/errors.js';
import { abortable } from '../internal/signal.js';
import { parseEndpoint } from './endpoints.js';
import type { MediaChunk } from './media-chunk.js';
import { networkError } from './network-error.js';
import { putMediaHeaders, type PutMediaOptions } from './put-media-request.js';
import { readRefusal } from './refusal.js';
import { callValues, type ServiceCall } from './service-call.js';
import { serviceError, type Signer } from './service-error.js';
import { signStreamingRequest } from './signing.js';
import { readBeforeWriteErrors } from './read-before-errors.js';

const CONNECT_TIMEOUT = 5000;
/** Ends a chunked body (RFC 9112, 7.1). */
const LAST_CHUNK = '0\r\n\r\n';

/**
 * One PutMedia request: media goes up while acknowledgements come down, over HTTP/1.1.
 *
 * `open` connects and sends the request's head. From then on `onAckBytes` gets what the service
 * answers, and `onClose` is called exactly once, in a turn of the event loop of its own: without
 * an error when the body was ended and the service has ended its answer, or when `destroy` was
 * called without one. After `onClose` nothing is called any more.
 *
 * Nothing here limits how long the service may keep silent: whoever counts acknowledgements knows
 * when it is too long, and calls `destroy`.
 */
export class PutMediaConnection {
  readonly #options: PutMediaOptions;
  readonly #call: ServiceCall;
  readonly #signer: Signer;
  readonly #socket: Socket;
  readonly #request: ClientRequest;
  #bodyEnded = false;
  #refused = false;
  #closing = false;

  private constructor(
    options: PutMediaOptions,
    call: ServiceCall,
    signer: Signer,
    socket: Socket,
    request: ClientRequest,
  ) {
    this.#options = options;
    this.#call = call;
    this.#signer = signer;
    this.#socket = socket;
    this.#request = request;
    request.on('response', (response) => {
      this.#onResponse(response);
    });
    request.on('error', (error) => {
      this.#onLost(error);
    });
    // Until Node attaches the request to the socket, which is in a later tick, errors are ours.
    socket.on('error', (error) => {
      this.#onLost(error);
    });
    socket.on('close', () => {
      this.#onLost(new Error('the connection was closed'));
    });
  }

  /**
   * Opens a connection. Resolves when the request's head has been handed to a connected socket;
   * whether the service accepts it shows later, through `onClose`.
   *
   * Rejects with the signal's reason, with what the credentials provider throws, or with a
   * `KinesisVideoError`: STATUS_INVALID_ARG, STATUS_SERVICE_CALL_TIMEOUT_ERROR when connecting
   * takes longer than `connectTimeout`, STATUS_SERVICE_CALL_UNKNOWN_ERROR when it fails. `onClose`
   * is not called then.
   */
  static async open(options: PutMediaOptions): Promise<PutMediaConnection> {
    const { endpoint, region, streamName, credentials: provider, signal, clockSkew } = options;
    signal?.throwIfAborted();
    const url = new URL('/putMedia', parseEndpoint(endpoint, 'the data endpoint'));
    const headers = putMediaHeaders(options);
    const call = { operation: 'PutMedia', region, endpoint, streamName };

    const identity = await abortable(provider(), signal);
    const date = clockSkew?.now() ?? new Date();
    const signable = { url, region, credentials: identity, headers, date };
    const signed = await abortable(signStreamingRequest(signable), signal);
    const { dialer, connectTimeout = CONNECT_TIMEOUT } = options;
    const socket = await dialer.dial(url, { connectTimeout, signal }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw networkError(call, error);
    });

    // No await between here and the end: an error of the socket must find its listeners.
    readBeforeWriteErrors(socket);
    const request = httpRequest({
      createConnection: () => socket,
      method: 'POST',
      path: url.pathname,
      headers: signed,
    });
    request.flushHeaders();
    // The head says that the body is chunked; the chunks come framed, see MediaChunk.
    request.chunkedEncoding = false;
    return new PutMediaConnection(options, call, { identity, provider }, socket, request);
  }

  /**
   * Sends the first `length` bytes of `chunk`, at least one, as a part of the body. `done` is called,
   * in a later turn, when the system has taken all of it and `chunk` may be reused; that is the
   * back-pressure. It is not called when the connection closes first: `onClose` then says that the
   * chunk is free.
   *
   * @throws KinesisVideoError STATUS_INVALID_OPERATION after `end`
   */
  write(chunk: MediaChunk, length: number, done: () => void): void {
    if (this.#bodyEnded) throw this.#writeAfterEnd();
    if (this.#closing || this.#refused) return;
    this.#request.write(chunk.framed(length), (error) => {
      if (!error && !this.#closing && !this.#refused) done();
    });
  }

  /** Ends the body. Acknowledgements go on until the service ends its answer. Idempotent. */
  end(): void {
    if (this.#bodyEnded) return;
    this.#bodyEnded = true;
    if (!this.#closing && !this.#refused) this.#request.end(LAST_CHUNK);
  }

  /** Closes the connection at once; `onClose` gets `error`. Does nothing on a closed one. */
  destroy(error?: KinesisVideoError): void {
    this.#close(error);
  }

  #onResponse(response: IncomingMessage): void {
    // Errors of the response are those of the connection, and its 'close' follows them.
    response.on('error', (error) => {
      this.#onLost(error);
    });
    // Whatever the answer is: a clock that was set since the last one makes the next request fail.
    this.#options.clockSkew?.learn(response.headers.date);
    if (response.statusCode !== 200) {
      void this.#onRefusal(response);
      return;
    }
    response.on('data', (chunk: Buffer) => {
      if (!this.#closing) this.#options.onAckBytes(chunk);
    });
    response.on('end', () => {
      this.#close(this.#bodyEnded ? undefined : this.#endedEarly());
    });
  }

  /** From here on the reason counts, not that the server resets the upload which it refuses. */
  async #onRefusal(response: IncomingMessage): Promise<void> {
    this.#refused = true;
    const refusal = await readRefusal(response);
    this.#close(serviceError(this.#call, refusal, this.#signer));
  }

  #onLost(error: Error): void {
    if (!this.#refused) this.#close(networkError(this.#call, error));
  }

  /** The first outcome counts. Reported once no write is in progress any more. */
  #close(outcome: KinesisVideoError | undefined): void {
    if (this.#closing) return;
    this.#closing = true;
    const report = (): void => {
      setImmediate(this.#options.onClose, outcome);
    };
    if (this.#socket.closed) report();
    else this.#socket.once('close', report);
    this.#request.destroy();
    this.#socket.destroy();
  }

  #endedEarly(): KinesisVideoError {
    const { streamName, region } = this.#options;
    const advice = 'open a new connection and go on';
    return new KinesisVideoError(
      'STATUS_SERVICE_CALL_UNKNOWN_ERROR',
      `The service ended PutMedia for stream "${streamName}" in ${region} while media was being ` +
        `sent: ${advice}.`,
      { values: { ...callValues(this.#call), httpStatus: 200 }, advice, retryable: true },
    );
  }

  #writeAfterEnd(): KinesisVideoError {
    const advice = 'open a new connection for more media';
    return new KinesisVideoError(
      'STATUS_INVALID_OPERATION',
      `The body of PutMedia for stream "${this.#options.streamName}" has been ended: ${advice}.`,
      { values: callValues(this.#call), advice },
    );
  }
}

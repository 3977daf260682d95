import { binding } from '../internal/binding.js';
import { KinesisVideoError } from '../internal/errors.js';
import { unwrap, type NativeClient } from '../internal/native.js';
import { abortable, mergeSignals } from '../internal/signal.js';
import { Status } from '../internal/status.js';
import { kConstruct, kSnapshot } from '../internal/symbols.js';
import { creationError, spillError } from './argument-errors.js';
import {
  resolveClientOptions,
  type KinesisVideoClientOptions,
  type ResolvedClientOptions,
} from './client-options.js';
import { createLimits, stopLimits, type CreateStreamOptions, type StopOptions } from './limits.js';
import { toClientMetrics, type ClientMetrics, type MetricsSnapshot } from './metrics.js';
import { toNativeConfig } from './native-config.js';
import { checkMinimalDefinition } from './minimal-permissions.js';
import { persist } from './persist.js';
import type { RoomQueue } from './room-queue.js';
import {
  offlineNeeds,
  resolveDefinition,
  type ResolvedDefinition,
  type StreamDefinition,
} from './stream-definition.js';
import { KinesisVideoStream } from './stream.js';
import { withTrackIds } from './track-info.js';
import type { StreamTransport, Transport } from './worker/transport.js';

/** A stream that the service has. */
interface PreparedStream {
  readonly access: StreamTransport;
  /** Hours that its media is kept. */
  readonly retention: number;
}

/**
 * Uploads media to Kinesis Video Streams. Its streams share one store, which bounds the memory.
 *
 * @example
 * ```ts
 * const client = new KinesisVideoClient({ region: 'us-west-2' });
 * const stream = await client.createStream({ streamName: 'camera-1' });
 * stream.putFrame({ data, keyFrame: true, presentationTs: Date.now() });
 * await client.close();
 * ```
 */
export class KinesisVideoClient {
  readonly #options: ResolvedClientOptions;
  readonly #native: NativeClient;
  readonly #streams = new Set<KinesisVideoStream>();
  readonly #unseenFailures = new Set<KinesisVideoError>();
  readonly #rooms = new Set<RoomQueue>();
  readonly #closing = new AbortController();
  #transport: Promise<Transport> | undefined;
  #closed: Promise<void> | undefined;
  #lastMetrics: ClientMetrics | undefined;

  /** @throws KinesisVideoError for an option that is unknown or out of range */
  constructor(options?: KinesisVideoClientOptions) {
    this.#options = resolveClientOptions(options);
    const { storageSize, spillDirectory = '', spillSize } = this.#options;
    const native = binding().createClient(storageSize, 0, spillDirectory, spillSize);
    if (native === Status.STATUS_OPEN_FILE_FAILED) throw spillError(spillDirectory);
    const problem = `A client with a store of ${storageSize} bytes cannot be made`;
    this.#native = unwrap(native, problem);
  }

  /** The counters of the store as they are now; those of a closed client are the last ones. */
  get metrics(): ClientMetrics {
    if (this.#lastMetrics !== undefined) return this.#lastMetrics;
    return this.#read().client;
  }

  /** @internal What the client and its streams count now; undefined once it is closed. */
  [kSnapshot](): MetricsSnapshot | undefined {
    return this.#lastMetrics === undefined ? this.#read() : undefined;
  }

  #read(): MetricsSnapshot {
    const native = unwrap(this.#native.metrics(), 'The client has no counters');
    const streams = Array.from(
      this.#streams,
      (stream) => [stream.streamName, stream.metrics] as const,
    );
    const retries = streams.reduce((sum, [, { calls }]) => sum + calls.retries, 0);
    return { client: toClientMetrics(native, retries / Math.max(1, streams.length)), streams };
  }

  /**
   * Makes a stream that frames can be put into: describes it, creates it when it is missing and may
   * be created, waits until it is active, tags it, and asks for its data endpoint. The connection for
   * the media is made with the first frame.
   *
   * Rejects with a KinesisVideoError: for a definition that is not right, for what the service says,
   * for a second stream of the same name, and after `close`.
   */
  async createStream(
    definition: StreamDefinition,
    options?: CreateStreamOptions,
  ): Promise<KinesisVideoStream> {
    const resolved = resolveDefinition(withTrackIds(definition));
    if (this.#options.minimalPermissions) checkMinimalDefinition(definition);
    const { signal, timeout } = createLimits(options);
    this.#throwIfClosed();
    const stop = mergeSignals(this.#closing.signal, signal);
    try {
      return await this.#prepareStream(resolved, stop.signal, timeout);
    } finally {
      stop.release();
    }
  }

  /**
   * Stops all streams, which delivers what they hold, and gives everything back. Idempotent.
   *
   * Rejects with the error of a stream that has failed without anybody having been told, with an
   * AggregateError when there are several, and with the reason of an aborted signal; everything is
   * given back all the same.
   */
  async close(options?: StopOptions): Promise<void> {
    const limits = stopLimits('close', options);
    this.#closed ??= this.#close(limits);
    await this.#closed;
  }

  /** Drops what the streams hold and gives everything back at once. Idempotent. */
  destroy(): void {
    this.#closing.abort(closedError());
    for (const stream of this.#streams) stream.destroy();
    this.#release();
  }

  /** Closes the client, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #prepareStream(
    resolved: ResolvedDefinition,
    stop: AbortSignal,
    timeout: number,
  ): Promise<KinesisVideoStream> {
    const { streamName } = resolved;
    let access: StreamTransport | undefined;
    const prepare = async (signal: AbortSignal): Promise<PreparedStream> => {
      // A worker may take its time to start.
      const transport = await abortable(this.#openTransport(), signal);
      // From here on the calls for the stream are measured.
      access ??= transport.forStream(streamName);
      const retention = await access.prepareStream(resolved, { signal, onTagError: tell });
      return { access, retention };
    };
    const tell = (error: KinesisVideoError): void => {
      this.#options.logger.warn?.({ streamName, code: error.code }, error.message);
    };
    const what = `Preparing stream "${streamName}"`;
    try {
      const prepared = await persist(prepare, { what, timeout, signal: stop, onRetry: tell });
      stop.throwIfAborted();
      return this.#addStream(resolved, prepared);
    } catch (error) {
      access?.release();
      throw error;
    }
  }

  #addStream(
    definition: ResolvedDefinition,
    { access, retention }: PreparedStream,
  ): KinesisVideoStream {
    const { streamName, streamingType } = definition;
    if (streamingType === 'offline' && retention === 0) {
      throw offlineNeeds(`the retention period of stream "${streamName}"`, 0);
    }
    const native = this.#native.createStream(toNativeConfig(definition, retention > 0));
    if (typeof native === 'number') throw creationError(native, definition);
    const stream = KinesisVideoStream[kConstruct]({
      native,
      definition,
      logger: this.#options.logger,
      calls: access.calls,
      makeEngine: (host) => access.makeEngine(native, definition, host),
      unseenFailures: this.#unseenFailures,
      rooms: this.#rooms,
      onClosed: (closed) => {
        this.#streams.delete(closed);
        access.release();
      },
    });
    this.#streams.add(stream);
    return stream;
  }

  #openTransport(): Promise<Transport> {
    this.#transport ??= openTransport(this.#options, this.#native).catch((error: unknown) => {
      // The next call may find the region set.
      this.#transport = undefined;
      throw error;
    });
    return this.#transport;
  }

  async #close(options: StopOptions): Promise<void> {
    this.#closing.abort(closedError());
    try {
      const ends = await Promise.allSettled(
        Array.from(this.#streams, (stream) => stream.stop(options)),
      );
      const reasons = ends.flatMap((end): unknown[] =>
        end.status === 'rejected' ? [end.reason] : [],
      );
      throwAll(new Set([...reasons, ...this.#unseenFailures]));
    } finally {
      this.#release();
    }
  }

  #release(): void {
    if (this.#lastMetrics !== undefined) return;
    this.#lastMetrics = this.metrics;
    this.#transport?.then(
      (transport) => {
        transport.close();
      },
      () => undefined,
    );
    this.#native.close();
  }

  #throwIfClosed(): void {
    this.#closing.signal.throwIfAborted();
  }
}

/** Opens the transport that the options ask for. It is loaded now: what makes connections is large. */
async function openTransport(
  options: ResolvedClientOptions,
  native: NativeClient,
): Promise<Transport> {
  if (options.transport === 'worker') {
    const { WorkerTransport } = await import('./worker/worker-transport.js');
    return WorkerTransport.open(options, native);
  }
  const { MainTransport } = await import('./worker/main-transport.js');
  return MainTransport.open(options);
}

/** Throws the errors when there are some: the one as it is, several together. */
function throwAll(errors: ReadonlySet<unknown>): void {
  if (errors.size > 1) throw new AggregateError(errors, `${errors.size} streams have failed`);
  // The reason of a signal may be anything.

  for (const error of errors) throw error;
}

function closedError(): KinesisVideoError {
  const advice = 'make a new KinesisVideoClient';
  return new KinesisVideoError('STATUS_INVALID_OPERATION', `The client is closed: ${advice}.`, {
    advice,
  });
}

import { EventEmitter } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { KinesisVideoError } from '../internal/errors.js';
import {
  highPart,
  lowPart,
  nativeError,
  Signal,
  type NativeAckEvent,
  type NativeStream,
  type NativeStreamMetrics,
} from '../internal/native.js';
import { boolean, optional, resolveOptions } from '../internal/options.js';
import { abortable } from '../internal/signal.js';
import { Status } from '../internal/status.js';
import { kConstruct } from '../internal/symbols.js';
import {
  EventQueue,
  toDroppedFrames,
  toFragmentAck,
  type StreamEvents,
  type StreamState,
} from './events.js';
import { flagsOf, frameError, isFrame, type Frame } from './frame.js';
import { putLimits, stopLimits, type PutOptions, type StopOptions } from './limits.js';
import type { Logger } from './logger.js';
import { toStreamMetrics, type StreamMetrics } from './metrics.js';
import { RoomQueue } from './room-queue.js';
import {
  ackError,
  interruptedError,
  metadataError,
  putError,
  stoppedError,
  unreadableAckError,
} from './stream-errors.js';
import { toStopResult, type StopResult } from './stop-result.js';
import type { ResolvedDefinition } from './stream-definition.js';
import { Upload, type Connector } from './upload.js';

/** What a stream is made of; only the client makes streams. */
export interface StreamParts {
  readonly native: NativeStream;
  readonly definition: ResolvedDefinition;
  readonly connector: Connector;
  readonly logger: Logger;
  /** Where the stream leaves the error that it failed with, until somebody has been told of it. */
  readonly unseenFailures: Set<KinesisVideoError>;
  /** Those who wait for room in the store, which the streams of a client share. */
  readonly rooms: Set<RoomQueue>;
  readonly onClosed: (stream: KinesisVideoStream) => void;
}

/** After so many bytes or frames in a row `put` lets the rest of the process have its turn. */
const BYTES_PER_TURN = 1024 * 1024;
const FRAMES_PER_TURN = 64;

const METADATA_SHAPE = { persistent: optional(boolean, false) };

/**
 * A stream that is being uploaded. `client.createStream()` makes it.
 *
 * Frames go in with `putFrame` or `put`, are kept in the client's store, and are sent in the
 * background; lost connections are made anew, and what the service has not confirmed is sent again.
 *
 * When trying again is pointless (access denied, stream deleted) the stream has failed: `error` is
 * emitted once, and `putFrame`, `put` and `stop` throw that error. It is never thrown elsewhere, also
 * not when nobody listens to `error`.
 */
export class KinesisVideoStream extends EventEmitter<StreamEvents> {
  readonly #native: NativeStream;
  readonly #definition: ResolvedDefinition;
  readonly #logger: Logger;
  readonly #unseenFailures: Set<KinesisVideoError>;
  readonly #onClosed: (stream: KinesisVideoStream) => void;
  readonly #upload: Upload;
  readonly #events = new EventQueue(this);
  readonly #room = new RoomQueue();
  readonly #rooms: Set<RoomQueue>;
  readonly #waits: boolean;
  readonly #done: Promise<StopResult>;
  #settle!: { resolve(result: StopResult): void; reject(error: KinesisVideoError): void };
  #state: StreamState = 'idle';
  #stopping = false;
  /** Set once the stream is closed or has failed: what putting a frame throws then. */
  #closedError: KinesisVideoError | undefined;
  #failure: KinesisVideoError | undefined;
  #lastMetrics: NativeStreamMetrics | undefined;
  #lastPersistedAt: number | undefined;
  /** Attempts of `put` that found no room and were made again. */
  #repeatedPuts = 0;
  #bytesThisTurn = 0;
  #framesThisTurn = 0;

  private constructor(token: symbol, parts: StreamParts) {
    if (token !== kConstruct) throw new TypeError('Streams are made by client.createStream()');
    super({ captureRejections: true });
    const { native, definition, connector, logger, unseenFailures, rooms, onClosed } = parts;
    this.#native = native;
    this.#definition = definition;
    this.#logger = logger;
    this.#unseenFailures = unseenFailures;
    this.#onClosed = onClosed;
    this.#rooms = rooms.add(this.#room);
    this.#waits = definition.streamingType === 'offline';
    this.#done = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // Nobody may ask how it ended; whoever does gets the rejection all the same.
    this.#done.catch(() => undefined);
    this.#upload = new Upload({
      native,
      streamName: definition.streamName,
      absoluteFragmentTimes: definition.absoluteFragmentTimes,
      fragmentAcks: definition.fragmentAcks,
      restartOnError: definition.restartOnError,
      connectionStaleness: definition.connectionStaleness,
      connector,
      logger,
      settle: () => {
        this.#handleSignals(native.takeSignals());
      },
      onState: (state) => {
        this.#setState(state);
      },
      onConnected: (endpoint) => {
        this.#events.push('connected', { endpoint });
      },
      onDisconnected: (error) => {
        this.#events.push('disconnected', error === undefined ? {} : { error });
      },
      onDrained: () => {
        this.#close('closed', stoppedError(this.streamName));
      },
      onFatal: (error) => {
        this.#fail(error);
      },
    });
  }

  /** @internal */
  static [kConstruct](parts: StreamParts): KinesisVideoStream {
    return new KinesisVideoStream(kConstruct, parts);
  }

  /** Name of the stream. */
  get streamName(): string {
    return this.#definition.streamName;
  }

  /** What the upload is doing. */
  get state(): StreamState {
    return this.#state;
  }

  /** The counters as they are now; those of a closed stream are the last ones. */
  get metrics(): StreamMetrics {
    return toStreamMetrics(this.#readMetrics(), this.#repeatedPuts, this.#lastPersistedAt);
  }

  /**
   * Takes a frame. Never waits: the bytes are copied into the store and sent later.
   *
   * @throws KinesisVideoError for a frame that cannot be taken, whose sentence says why;
   *   STATUS_STORE_OUT_OF_MEMORY when an offline stream, or one that must not drop, has no room
   */
  putFrame(frame: Frame): void {
    const status = this.#tryPut(frame);
    if (status !== 0) throw putError(status, this.streamName, frame);
  }

  /**
   * Takes a frame as `putFrame` does; an offline stream waits until there is room. Frames are taken
   * in the order of the calls. `frame.data` must not change until the promise is settled.
   *
   * Rejects with the signal's reason, with STATUS_OPERATION_TIMED_OUT, with
   * STATUS_BLOCKING_PUT_INTERRUPTED_STREAM_TERMINATED when the stream is stopped meanwhile, with the
   * error of a stream that has failed, and as `putFrame` throws.
   */
  async put(frame: Frame, options?: PutOptions): Promise<void> {
    const limits = putLimits(options);
    const attempt = (): boolean => {
      const status = this.#tryPut(frame);
      if (status === 0) return true;
      const hasNoRoom = status === Status.STATUS_STORE_OUT_OF_MEMORY;
      if (!this.#waits || !hasNoRoom) throw putError(status, this.streamName, frame);
      this.#repeatedPuts += 1;
      return false;
    };
    if (!this.#room.isEmpty || !attempt()) await this.#room.wait(attempt, limits);
    else if (this.#hasHadItsTurn(frame)) await nextTurn();
  }

  /**
   * Attaches a name and a value to the fragment that opens next, or, when `persistent`, to each one
   * until the value is replaced, or removed by an empty one. At most 10 go with a fragment.
   *
   * @param name - 1 to 128 bytes, not beginning with `AWS`
   * @param value - at most 256 bytes
   * @throws KinesisVideoError
   */
  putFragmentMetadata(name: string, value: string, options?: { persistent?: boolean }): void {
    const { persistent } = resolveOptions('putFragmentMetadata', METADATA_SHAPE, options);
    this.#throwIfClosed();
    const status = this.#native.putMetadata(name, value, persistent);
    if (status === 0) return;
    throw metadataError(status, this.streamName, name, value);
  }

  /**
   * Ends the stream: sends what is buffered, waits until the service has confirmed it, and closes.
   * Further calls get the same result.
   *
   * Resolves with what became of the media, also when not all could be delivered within `timeout`:
   * `complete` is false then, and what is left was dropped. Rejects with the error of a stream that
   * has failed, and with the reason of an aborted signal, which also drops what is left.
   */
  async stop(options?: StopOptions): Promise<StopResult> {
    const { signal, timeout } = stopLimits('stop', options);
    this.#beginStop();
    const timer = setTimeout(() => {
      this.#close('closed', stoppedError(this.streamName));
    }, timeout);
    try {
      return await abortable(this.#done, signal);
    } catch (error) {
      if (this.#failure === undefined) this.destroy();
      else this.#unseenFailures.delete(this.#failure);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Closes the stream at once and drops what it holds. Calls that wait reject with `error`, or with
   * STATUS_STREAM_HAS_BEEN_STOPPED. Idempotent.
   *
   * @param error - makes the stream a failed one, and is emitted as `error`
   */
  destroy(error?: KinesisVideoError): void {
    if (error === undefined) this.#close('closed', stoppedError(this.streamName));
    else this.#fail(error);
  }

  /** Stops the stream, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #tryPut(frame: Frame): number {
    if (this.#closedError !== undefined) this.#throwIfClosed();
    if (!isFrame(frame)) throw frameError(frame);
    const { data, presentationTs, decodingTs = presentationTs, duration = 0, trackId = 1 } = frame;
    const flags = flagsOf(frame);
    const result = this.#native.putFrame(
      data,
      flags,
      trackId,
      presentationTs,
      decodingTs,
      duration,
    );
    if (result !== 0) this.#handleSignals(highPart(result));
    const status = lowPart(result);
    if (status === 0 && this.#upload.isParked) this.#upload.wake();
    return status;
  }

  /** Whether a caller that puts one frame after the other has kept others waiting for long enough. */
  #hasHadItsTurn(frame: Frame): boolean {
    this.#bytesThisTurn += frame.data.byteLength;
    this.#framesThisTurn += 1;
    if (this.#bytesThisTurn < BYTES_PER_TURN && this.#framesThisTurn < FRAMES_PER_TURN)
      return false;
    this.#bytesThisTurn = 0;
    this.#framesThisTurn = 0;
    return true;
  }

  #handleSignals(signals: number): void {
    if ((signals & Signal.EVENTS) !== 0) this.#drainEvents();
    if ((signals & Signal.ROOM) !== 0) this.#room.wake();
    if ((signals & Signal.DATA) !== 0) this.#upload.wake();
    if ((signals & (Signal.EVENTS | Signal.ROOM)) !== 0) this.#wakeOthers();
  }

  /** What leaves this stream makes room for others, of which their part of the core does not know. */
  #wakeOthers(): void {
    for (const room of this.#rooms) if (room !== this.#room) room.wake();
  }

  #drainEvents(): void {
    for (
      let event = this.#native.pollEvent();
      event !== undefined;
      event = this.#native.pollEvent()
    ) {
      if (event.type === 'ack') {
        this.#onAck(event);
        continue;
      }
      const drop = toDroppedFrames(event);
      this.#events.push('droppedFrame', drop);
      if (drop.fragments > 0) this.#events.push('droppedFragment', drop);
    }
  }

  #onAck(event: NativeAckEvent): void {
    const { streamName } = this;
    const ack = toFragmentAck(event);
    if (ack === undefined) {
      const { message, code } = unreadableAckError(streamName, event.status);
      this.#logger.warn?.(message, { streamName, code });
      return;
    }
    if (ack.type === 'PERSISTED') this.#lastPersistedAt = Date.now();
    if (ack.type === 'ERROR') this.#upload.onErrorAck(ackError(streamName, event));
    this.#events.push('fragmentAck', ack);
  }

  #setState(state: StreamState): void {
    if (state === this.#state) return;
    const previous = this.#state;
    this.#state = state;
    this.#events.push('state', state, previous);
  }

  #beginStop(): void {
    if (this.#stopping || this.#closedError !== undefined) return;
    this.#stopping = true;
    this.#native.stop();
    this.#room.rejectAll(interruptedError(this.streamName));
    this.#upload.stop();
  }

  #fail(error: KinesisVideoError): void {
    if (this.#closedError !== undefined) return;
    this.#failure = error;
    this.#unseenFailures.add(error);
    this.#close('failed', error);
    this.#logger.error?.(`Stream "${this.streamName}" has failed: ${error.message}`, {
      streamName: this.streamName,
      code: error.code,
    });
    this.#events.after(() => {
      if (this.listenerCount('error') === 0) return;
      this.#unseenFailures.delete(error);
      this.emit('error', error);
    });
  }

  /** Gives everything back and settles whoever waits, after the events so far. Idempotent. */
  #close(state: 'closed' | 'failed', error: KinesisVideoError): void {
    if (this.#closedError !== undefined) return;
    this.#closedError = error;
    this.#upload.destroy();
    this.#drainEvents();
    const last = this.#native.metrics();
    if (typeof last !== 'number') this.#lastMetrics = last;
    this.#native.close();
    this.#rooms.delete(this.#room);
    this.#room.rejectAll(error);
    this.#wakeOthers();
    this.#setState(state);
    const result = toStopResult(this.#readMetrics());
    this.#events.after(() => {
      if (this.#failure === undefined) this.#settle.resolve(result);
      else this.#settle.reject(this.#failure);
    });
    this.#onClosed(this);
  }

  #readMetrics(): NativeStreamMetrics {
    const metrics = this.#lastMetrics ?? this.#native.metrics();
    if (typeof metrics !== 'number') return metrics;
    throw nativeError(metrics, `Stream "${this.streamName}" has no counters`);
  }

  #throwIfClosed(): void {
    if (this.#closedError === undefined) return;
    this.#unseenFailures.delete(this.#closedError);
    throw this.#closedError;
  }
}

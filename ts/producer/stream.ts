import { EventEmitter } from 'node:events';
import { KinesisVideoError } from '../internal/errors.js';
import {
  FrameFlag,
  highPart,
  lowPart,
  type NativeStream,
  type NativeStreamMetrics,
} from '../internal/native.js';
import { abortable } from '../internal/signal.js';
import { Status } from '../internal/status.js';
import { kConstruct, kDefinition } from '../internal/symbols.js';
import { eventError, formatChangeError, metadataError } from './argument-errors.js';
import { ChunkReader, type Chunk, type PutChunkOptions } from './chunk.js';
import { EventQueue, type StreamEvents, type StreamState } from './events.js';
import { Health, type StreamHealth } from './health.js';
import {
  checkItem,
  toNativeEvent,
  type EventMetadataOptions,
  type FragmentEventName,
  type MetadataOptions,
} from './fragment-metadata.js';
import { tellFirstTime } from './frame-clock.js';
import { checkKeys, flagsOf, frameError, isFrame, NO_BYTES, timed, type Frame } from './frame.js';
import { StreamJournal } from './journal.js';
import { putLimits, stopLimits, type PutOptions, type StopOptions } from './limits.js';
import { countersOf, toStreamMetrics, type StreamMetrics } from './metrics.js';
import { checkNalFlags } from './nal-flags.js';
import {
  commandError,
  destroyedError,
  interruptedError,
  noFragmentError,
  overtakingError,
  putError,
  stoppedError,
} from './stream-errors.js';
import type { StreamParts } from './stream-parts.js';
import { StreamEnd } from './stream-end.js';
import { tellUndelivered, toStopResult, type StopResult } from './stop-result.js';
import { checkNewFormat } from './track-info.js';
import { WaitingPut } from './waiting-put.js';
import type { ResolvedDefinition } from './stream-definition.js';
import type { Engine } from './worker/transport.js';

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
  readonly #parts: StreamParts;
  readonly #native: NativeStream;
  readonly #engine: Engine;
  readonly #journal: StreamJournal;
  readonly #events: EventQueue;
  readonly #health: Health;
  readonly #waiting: WaitingPut;
  readonly #end: StreamEnd;
  readonly #chunks: ChunkReader;
  #state: StreamState = 'idle';
  #stopping = false;
  #lastMetrics: NativeStreamMetrics | undefined;
  #hasStarted = false;

  private constructor(token: symbol, parts: StreamParts) {
    if (token !== kConstruct) throw new TypeError('Streams are made by client.createStream()');
    super({ captureRejections: true });
    const { native } = parts;
    this.#parts = parts;
    this.#native = native;
    this.#journal = new StreamJournal(this.streamName, parts.logger);
    this.#events = new EventQueue(this, this.#journal);
    this.#waiting = new WaitingPut({
      definition: parts.definition,
      rooms: parts.rooms,
      tryPut: (frame) => this.#tryPut(frame),
      errorOf: (status, frame) => putError(status, frame, parts),
    });
    this.#chunks = new ChunkReader(this, parts.definition.tracks);
    this.#end = new StreamEnd(parts.unseenFailures);
    this.#health = new Health((health) => {
      this.#events.push('health', health);
    });
    this.#engine = parts.makeEngine({
      events: this.#events,
      isHeard: (name) => this.listenerCount(name) > 0,
      onRoom: () => {
        this.#waiting.wake();
      },
      onState: (state) => {
        this.#setState(state);
      },
      onDelivered: (persistedAt) => {
        this.#health.delivered(persistedAt);
      },
      onNote: (note) => {
        if (note.type === 'retry') this.#health.failed(note.error);
        this.#journal.note(note);
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

  /** @internal */
  get [kDefinition](): ResolvedDefinition {
    return this.#parts.definition;
  }

  /** Name of the stream. */
  get streamName(): string {
    return this.#parts.definition.streamName;
  }

  /** What the upload is doing. */
  get state(): StreamState {
    return this.#state;
  }

  /** How the stream fares: whether media gets through, and when it last did. */
  get health(): StreamHealth {
    return this.#health.current;
  }

  /** The counters as they are now; those of a closed stream are the last ones. */
  get metrics(): StreamMetrics {
    return toStreamMetrics(this.#readMetrics(), {
      repeatedPuts: this.#waiting.repeated,
      lastPersistedAt: this.#health.current.lastPersistedAt,
      calls: this.#parts.calls.metrics,
    });
  }

  /**
   * Takes a frame. Never waits: the bytes are copied into the store and sent later.
   *
   * @throws KinesisVideoError for a frame that cannot be taken, whose sentence says why;
   *   STATUS_STORE_OUT_OF_MEMORY when an offline stream, or one that must not drop, has no room
   */
  putFrame(given: Frame): void {
    const frame = timed(given, this.#parts.definition.frameTimecodes);
    const status = this.#tryPut(frame);
    if (status !== 0) throw putError(status, frame, this.#parts);
  }

  /**
   * Takes a chunk of a WebCodecs encoder, or what a message holds of one, as `putFrame` takes a frame.
   * Its track must come in the order of the timestamps, as with `latencyMode: 'realtime'`.
   *
   * @throws KinesisVideoError as `putFrame` and `setCodecPrivateData`; STATUS_INVALID_ARG for no chunk
   */
  putChunk(chunk: Chunk, options?: PutChunkOptions): void {
    this.putFrame(this.#chunks.read(chunk, options));
  }

  /**
   * Takes a frame as `putFrame` does; an offline stream waits until there is room, and for its other
   * tracks when this one is far ahead. The frames of a track are taken in the order of the calls.
   * `frame.data` must not change until the promise is settled.
   *
   * Rejects with the signal's reason, with STATUS_OPERATION_TIMED_OUT, with
   * STATUS_BLOCKING_PUT_INTERRUPTED_STREAM_TERMINATED when the stream is stopped meanwhile, with the
   * error of a stream that has failed, and as `putFrame` throws.
   */
  async put(frame: Frame, options?: PutOptions): Promise<void> {
    const { frameTimecodes } = this.#parts.definition;
    await this.#waiting.put(timed(frame, frameTimecodes), putLimits(options));
  }

  /**
   * Ends the fragment at hand, so that the service stores it at once and not when the next key frame
   * comes: the end of a scene, or of what a camera has seen. The next frame must be a key frame.
   *
   * @throws KinesisVideoError STATUS_CONTENT_VIEW_NO_MORE_ITEMS before the first frame,
   *   STATUS_MULTIPLE_CONSECUTIVE_EOFR when the fragment has ended already,
   *   STATUS_STORE_OUT_OF_MEMORY while a `put` waits for room,
   *   STATUS_END_OF_FRAGMENT_FRAME_INVALID_STATE without keyFrameFragmentation, and
   *   STATUS_SETTING_KEY_FRAME_FLAG_WHILE_USING_EOFR in the frameOrder `dts` or `pts`
   */
  endFragment(): void {
    this.#end.throwIfReached();
    if (!this.#waiting.isIdle) throw overtakingError(this.streamName);
    const { trackId = 1 } = this.#parts.definition.tracks[0] ?? {};
    const result = this.#native.putFrame(NO_BYTES, FrameFlag.END_OF_FRAGMENT, trackId, 0, 0, 0);
    this.#engine.handleSignals(highPart(result));
    const status = lowPart(result);
    if (status === Status.STATUS_CONTENT_VIEW_NO_MORE_ITEMS) throw noFragmentError(this.streamName);
    this.#check(status, 'cannot end its fragment');
    this.#engine.onFragmentEnd();
  }

  /**
   * Attaches a name and a value to the fragment that is open, or else to the one that opens next; or,
   * when `persistent`, to it and each one after it until the value is replaced, or removed by an empty
   * one. At most 10 go with a fragment.
   *
   * @param name - 1 to 128 bytes, not beginning with `AWS`
   * @param value - at most 256 bytes
   * @throws KinesisVideoError
   */
  putFragmentMetadata(name: string, value: string, options?: MetadataOptions): void {
    const persistent = checkItem(name, value, options);
    this.#end.throwIfReached();
    const status = this.#native.putMetadata(name, value, persistent);
    if (status !== 0) throw metadataError(status, this.streamName, name, value);
  }

  /**
   * Asks for images of the fragment that is open, or for a notification about it; of the next one when
   * none is open. The stream must be set up for it with the service.
   *
   * @throws KinesisVideoError STATUS_STREAM_NOT_STARTED before the first frame,
   *   STATUS_DUPLICATE_STREAM_EVENT_TYPE when the fragment has such an event already, and for names and
   *   values that the service does not take
   */
  putEventMetadata(
    events: FragmentEventName | readonly FragmentEventName[],
    options?: EventMetadataOptions,
  ): void {
    const { bits, imagePrefix, pairs } = toNativeEvent(events, options);
    this.#end.throwIfReached();
    const status = this.#native.putEvent(bits, imagePrefix, pairs);
    if (status !== 0) throw eventError(status, this.streamName, events, options);
  }

  /**
   * Tells that the format of a track changes with the next key frame, which then goes out in a
   * connection of its own beside the present one. H.264 and H.265 with start codes whose key frames
   * carry their parameter sets need no call.
   *
   * @param data - as `codecPrivateData` of a track
   * @throws KinesisVideoError for an unknown track and for data that are not of its codec
   */
  setCodecPrivateData(trackId: number, data: Uint8Array): void {
    checkNewFormat(trackId, data);
    this.#end.throwIfReached();
    const status = this.#native.setCodecPrivate(trackId, data);
    if (status !== 0) throw formatChangeError(status, this.#parts.definition, trackId, data);
    this.#chunks.formatIs(trackId, data);
  }

  /**
   * Changes how NAL units of the frames that follow are rewritten.
   *
   * @param flags - bits of NalAdaptationFlags
   * @throws KinesisVideoError for flags that exclude each other
   */
  setNalAdaptationFlags(flags: number): void {
    checkNalFlags(flags, 'flags');
    this.#end.throwIfReached();
    this.#check(this.#native.setNalAdaptation(flags), 'cannot change its NAL adaptation');
  }

  /**
   * Ends the connection and makes it anew; what is not confirmed is sent again. For a program that
   * knows that the network has changed, or that answers `latencyPressure`.
   */
  resetConnection(): void {
    this.#end.throwIfReached();
    this.#check(this.#native.resetConnection(), 'cannot reset its connection');
    this.#engine.reset();
  }

  /** Drops all that is held, metadata included, and ends the connection; a key frame begins anew. */
  reset(): void {
    this.#end.throwIfReached();
    this.#check(this.#native.reset(), 'cannot be reset');
    this.#engine.reset();
  }

  /**
   * Ends the stream: sends what is buffered, waits until the service has confirmed it, and closes.
   * Further calls get the same result.
   *
   * Resolves with what became of the media, also when not all could be delivered within `timeout`, or
   * until `deadline`: `complete` is false then, and what is left was dropped. Rejects with the error of
   * a stream that has failed, and with the reason of an aborted signal, which also drops what is left.
   */
  async stop(options?: StopOptions): Promise<StopResult> {
    const { signal, timeout } = stopLimits('stop', options);
    this.#beginStop();
    const timer = setTimeout(() => {
      this.#close('closed', stoppedError(this.streamName));
    }, timeout);
    try {
      return await abortable(this.#end.done, signal);
    } catch (error) {
      if (this.#end.failure === undefined) this.destroy();
      else this.#end.markSeen();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Closes the stream at once and drops what it holds. Calls that wait reject with `error`, or with
   * STATUS_STREAM_HAS_BEEN_STOPPED. Idempotent.
   *
   * @param error - makes the stream a failed one, and is emitted as `error`, in one of ours if it is none
   */
  destroy(error?: Error): void {
    if (error === undefined) this.#close('closed', stoppedError(this.streamName));
    else if (error instanceof KinesisVideoError) this.#fail(error);
    else this.#fail(destroyedError(this.streamName, error));
  }

  /** Stops the stream, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #tryPut(frame: Frame): number {
    this.#end.throwIfReached();
    if (!isFrame(frame)) throw frameError(frame);
    const { data, presentationTs: pts, decodingTs: dts = pts, duration = 0, trackId = 1 } = frame;
    if (!this.#hasStarted) {
      checkKeys(frame);
      tellFirstTime(pts, this.#parts);
      this.#hasStarted = true;
    }
    const result = this.#native.putFrame(data, flagsOf(frame), trackId, pts, dts, duration);
    if (result !== 0) this.#engine.handleSignals(highPart(result));
    const status = lowPart(result);
    if (status === 0) this.#engine.onPut();
    return status;
  }

  #setState(state: StreamState): void {
    if (state === this.#state) return;
    const previous = this.#state;
    this.#state = state;
    this.#events.push('state', state, previous);
    // Nothing else tells that media gets through without acknowledgements.
    if (state === 'streaming' && !this.#parts.definition.fragmentAcks) this.#health.delivered();
  }

  #beginStop(): void {
    if (this.#stopping || this.#end.isReached) return;
    this.#stopping = true;
    this.#native.stop();
    this.#waiting.rejectAll(interruptedError(this.streamName));
    this.#engine.stop();
  }

  #fail(error: KinesisVideoError): void {
    if (this.#end.isReached) return;
    this.#end.fail(error);
    this.#close('failed', error);
    this.#events.after(() => {
      this.#journal.failed(error);
      if (this.listenerCount('error') === 0) return;
      this.#end.markSeen();
      this.emit('error', error);
    });
  }

  /** Gives everything back and settles whoever waits, after the events so far. Idempotent. */
  #close(state: 'closed' | 'failed', error: KinesisVideoError): void {
    if (this.#end.isReached) return;
    this.#end.reach(error);
    this.#engine.destroy();
    const last = this.#native.metrics();
    if (typeof last !== 'number') this.#lastMetrics = last;
    this.#native.close();
    this.#waiting.close(error);
    this.#setState(state);
    this.#health.ended(this.#end.failure);
    const result = toStopResult(this.#readMetrics());
    tellUndelivered(result, this.#events);
    this.#events.after(() => {
      this.#end.settle(result);
    });
    this.#parts.onClosed(this);
  }

  #readMetrics(): NativeStreamMetrics {
    return this.#lastMetrics ?? countersOf(this.#native, this.streamName);
  }

  #check(status: number, what: string): void {
    if (status !== 0) throw commandError(status, this.streamName, what);
  }
}

import { KinesisVideoError } from '../internal/errors.js';
import { highPart, lowPart, ReadKind, type NativeStream } from '../internal/native.js';
import { MediaChunk } from '../service/media-chunk.js';
import type { DebugDump } from './debug-dump.js';

/** A connection as far as a transfer needs one; `PutMediaConnection` is one. */
export interface MediaConnection {
  write(chunk: MediaChunk, length: number, done: () => void): void;
  end(): void;
  destroy(error?: KinesisVideoError): void;
}

/** What a transfer works with. */
export interface TransferOptions {
  readonly native: NativeStream;
  readonly sessionId: number;
  readonly streamName: string;
  readonly fragmentAcks: boolean;
  /** Milliseconds that the service may leave the connection without a sign of life. */
  readonly staleness: number;
  /** Gets a copy of what is sent. */
  readonly dump?: DebugDump | undefined;
  /** Handles what has changed in the core: events, room, data. */
  readonly settle: () => void;
  /** The session's part is sent; its last acknowledgements are awaited. */
  readonly onPartSent: () => void;
}

/** How a transfer ended. */
export interface TransferOutcome {
  readonly error: KinesisVideoError | undefined;
  /** All that the core had was handed to the connection, which had taken it. */
  readonly caughtUp: boolean;
}

/** A camera seldom has more than this ready at once. */
const SMALL_CHUNK = 64 * 1024;
/** What a transfer reads at a time once it has found more: fewer and larger writes. */
const LARGE_CHUNK = 256 * 1024;
/** One chunk is filled while the other one is being written. */
const CHUNKS = 2;
/** How long (ms) the service has for ending its answer once it has confirmed everything. */
const CLOSE_GRACE = 1000;

/**
 * Moves one session's bytes from the core to its connection and acknowledgements back.
 *
 * The connection sets the pace: at most two chunks are on their way, and the memory of one is used
 * again only once its write is done. A turn of the event loop reads no more than that, so that
 * several streams share it fairly.
 */
export class Transfer {
  readonly #options: TransferOptions;
  #connection: MediaConnection | undefined;
  #finish: ((outcome: TransferOutcome) => void) | undefined;
  #free: MediaChunk[] = [];
  #chunkSize = SMALL_CHUNK;
  #inFlight = 0;
  #starved = false;
  #ended = false;
  #scheduled = false;
  /** When the connection last took a chunk, or was given one while it had none, or the body's end. */
  #lastWrite = 0;
  /** When the service last said something. */
  #lastAnswer = 0;
  #watchdog: NodeJS.Timeout | undefined;
  #closing: NodeJS.Timeout | undefined;

  constructor(options: TransferOptions) {
    this.#options = options;
  }

  /** Sends until the connection is closed; never rejects. */
  run(connection: MediaConnection): Promise<TransferOutcome> {
    this.#connection = connection;
    this.#watchdog = setInterval(() => {
      this.#checkAlive();
    }, this.#options.staleness / 4);
    return new Promise((resolve) => {
      this.#finish = resolve;
      this.#pump();
    });
  }

  /** Tells that the core has something to read. What comes within one turn is read at once. */
  wake(): void {
    // The core says so once: with both chunks on their way, the end of a write has to go on reading.
    this.#starved = false;
    if (this.#scheduled || this.#ended) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#pump();
    });
  }

  /** Takes bytes of the service's answer. */
  onAckBytes(chunk: Uint8Array): void {
    const { native, sessionId, settle } = this.#options;
    this.#lastAnswer = performance.now();
    let offset = 0;
    while (offset < chunk.length) {
      const used = native.ackBytes(sessionId, chunk, offset);
      // The session has ended: what the service still says about it changes nothing.
      if (used < 0) return;
      offset += used;
      settle();
    }
    this.#closeIfSettled();
  }

  /** Takes the end of the connection. */
  onClose(error: KinesisVideoError | undefined): void {
    clearInterval(this.#watchdog);
    clearTimeout(this.#closing);
    this.#connection = undefined;
    this.#finish?.({ error, caughtUp: this.#starved && this.#inFlight === 0 });
  }

  /** Gives the connection up, since the service has owed an answer for `waited` milliseconds. */
  giveUp(waited: number): void {
    const { staleness, streamName } = this.#options;
    const advice = 'the connection is made anew and what was not acknowledged is sent again';
    this.destroy(
      new KinesisVideoError(
        'STATUS_OPERATION_TIMED_OUT',
        `The service has not answered stream "${streamName}" for ${Math.round(waited)} ms: ${advice}.`,
        { values: { streamName, waited, staleness }, advice, retryable: true },
      ),
    );
  }

  /** Ends the connection at once. */
  destroy(error?: KinesisVideoError): void {
    this.#connection?.destroy(error);
  }

  #pump(): void {
    this.#fill();
    // Reading may have made room for frames that wait.
    this.#options.settle();
  }

  #fill(): void {
    while (this.#connection !== undefined && !this.#ended && this.#inFlight < CHUNKS) {
      const chunk = this.#free.pop() ?? new MediaChunk(this.#chunkSize);
      const { native, sessionId } = this.#options;
      const result = native.readSession(sessionId, chunk.body);
      const length = lowPart(result);
      const kind = highPart(result);
      this.#starved = kind === ReadKind.STARVED;
      if (length > 0) this.#write(this.#connection, chunk, length);
      else this.#free.push(chunk);
      if (kind === ReadKind.FULL) this.#chunkSize = LARGE_CHUNK;
      else {
        this.#endIfDone(kind);
        return;
      }
    }
  }

  #write(connection: MediaConnection, chunk: MediaChunk, length: number): void {
    if (this.#inFlight === 0) this.#lastWrite = performance.now();
    this.#inFlight += 1;
    this.#options.dump?.write(chunk.body.subarray(0, length));
    connection.write(chunk, length, () => {
      this.#inFlight -= 1;
      this.#lastWrite = performance.now();
      // A chunk of the small size is left behind when larger ones turned out to be needed.
      if (chunk.body.length === this.#chunkSize) this.#free.push(chunk);
      if (!this.#starved) this.#pump();
    });
  }

  #endIfDone(kind: number): void {
    if (kind === ReadKind.END_OF_STREAM) {
      this.#ended = true;
      this.#lastWrite = performance.now();
      this.#connection?.end();
      this.#options.onPartSent();
      this.#closeIfSettled();
    } else if (kind === ReadKind.ABORTED) {
      this.destroy();
    }
  }

  /** A service that has confirmed everything ends its answer; one that does not is not waited for. */
  #closeIfSettled(): void {
    const { native, sessionId, fragmentAcks } = this.#options;
    if (!this.#ended || !fragmentAcks || this.#closing !== undefined) return;
    if (!native.isSettled(sessionId)) return;
    this.#closing = setTimeout(() => {
      this.destroy();
    }, CLOSE_GRACE);
  }

  /**
   * Gives up a connection that takes no more bytes, or that is not ended after its last byte. Which
   * acknowledgements the service owes in between, the core knows.
   */
  #checkAlive(): void {
    if (this.#inFlight === 0 && !this.#ended) return;
    const waited = performance.now() - Math.max(this.#lastWrite, this.#lastAnswer);
    if (waited >= this.#options.staleness) this.giveUp(waited);
  }
}

/** Fragments that were put and neither delivered nor dropped, the growing one included. */
export function undeliveredFragments(native: NativeStream): number {
  const metrics = native.metrics();
  if (typeof metrics === 'number') return 0;
  return metrics.fragmentsPut - metrics.fragmentsDelivered - metrics.fragmentsDropped;
}

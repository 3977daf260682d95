import { KinesisVideoError } from '../internal/errors.js';
import { highPart, lowPart, ReadKind, type NativeStream } from '../internal/native.js';

/** A connection as far as a transfer needs one; `PutMediaConnection` is one. */
export interface MediaConnection {
  write(chunk: Uint8Array, done: () => void): void;
  end(): void;
  destroy(error?: KinesisVideoError): void;
}

/** What a transfer works with. */
export interface TransferOptions {
  readonly native: NativeStream;
  readonly sessionId: number;
  readonly streamName: string;
  readonly fragmentAcks: boolean;
  /** Milliseconds that the service may leave what was sent without an answer. */
  readonly staleness: number;
  /** Handles what has changed in the core: events, room, data. */
  readonly settle: () => void;
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
  #free: Uint8Array[] = [];
  #chunkSize = SMALL_CHUNK;
  #inFlight = 0;
  #starved = false;
  #ended = false;
  #scheduled = false;
  /** When the connection last took a chunk, or was given one while it had none. */
  #lastWrite = 0;
  /** When the service last said something. */
  #lastAnswer = 0;
  /** Since when the service has had media about which it said nothing. */
  #unansweredSince: number | undefined;
  #watchdog: NodeJS.Timeout | undefined;

  constructor(options: TransferOptions) {
    this.#options = options;
  }

  /** Sends until the connection is closed; never rejects. */
  run(connection: MediaConnection): Promise<TransferOutcome> {
    this.#connection = connection;
    this.#watchdog = setInterval(() => {
      this.#checkStale();
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
    if (this.#scheduled) return;
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
    this.#unansweredSince = undefined;
    let offset = 0;
    while (offset < chunk.length) {
      const used = native.ackBytes(sessionId, chunk, offset);
      // The session has ended: what the service still says about it changes nothing.
      if (used < 0) return;
      offset += used;
      settle();
    }
  }

  /** Takes the end of the connection. */
  onClose(error: KinesisVideoError | undefined): void {
    clearInterval(this.#watchdog);
    this.#connection = undefined;
    this.#finish?.({ error, caughtUp: this.#starved && this.#inFlight === 0 });
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
      const chunk = this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#chunkSize);
      const { native, sessionId } = this.#options;
      const result = native.readSession(sessionId, chunk);
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

  #write(connection: MediaConnection, chunk: Uint8Array, length: number): void {
    const now = performance.now();
    if (this.#inFlight === 0) this.#lastWrite = now;
    this.#unansweredSince ??= now;
    this.#inFlight += 1;
    connection.write(length === chunk.length ? chunk : chunk.subarray(0, length), () => {
      this.#inFlight -= 1;
      this.#lastWrite = performance.now();
      // A chunk of the small size is left behind when larger ones turned out to be needed.
      if (chunk.length === this.#chunkSize) this.#free.push(chunk);
      if (!this.#starved) this.#pump();
    });
  }

  #endIfDone(kind: number): void {
    if (kind === ReadKind.END_OF_STREAM) {
      this.#ended = true;
      this.#unansweredSince = performance.now();
      this.#connection?.end();
    } else if (kind === ReadKind.ABORTED) {
      this.destroy();
    }
  }

  /** Gives up a connection on which nothing moves although something should. */
  #checkStale(): void {
    const { staleness, streamName } = this.#options;
    const since = this.#waitingSince();
    const waited = since === undefined ? 0 : performance.now() - since;
    if (waited < staleness) return;
    const advice = 'the connection is made anew and what was not acknowledged is sent again';
    this.destroy(
      new KinesisVideoError(
        'STATUS_OPERATION_TIMED_OUT',
        `The service has not answered stream "${streamName}" for ${Math.round(waited)} ms: ${advice}.`,
        { values: { streamName, waited, staleness }, advice, retryable: true },
      ),
    );
  }

  /** Since when the other side owes a sign of life; undefined when it owes none. */
  #waitingSince(): number | undefined {
    if (this.#inFlight > 0) return Math.max(this.#lastWrite, this.#lastAnswer);
    if (this.#ended) return Math.max(this.#unansweredSince ?? 0, this.#lastAnswer);
    return this.#options.fragmentAcks && this.#awaitsAck() ? this.#unansweredSince : undefined;
  }

  /** Whether a whole fragment was sent: about one that still grows the service says nothing more. */
  #awaitsAck(): boolean {
    return undeliveredFragments(this.#options.native) > 1;
  }
}

/** Fragments that were put and neither delivered nor dropped, the growing one included. */
export function undeliveredFragments(native: NativeStream): number {
  const metrics = native.metrics();
  if (typeof metrics === 'number') return 0;
  return metrics.fragmentsPut - metrics.fragmentsDelivered - metrics.fragmentsDropped;
}

/** The acknowledgements of PutMedia: JSON objects, one a line, in the response of the request. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** Errors an acknowledgement can report, by the text that goes with the number. */
export const AckErrorId = {
  STREAM_READ_ERROR: 4000,
  MAX_FRAGMENT_SIZE_REACHED: 4001,
  MAX_FRAGMENT_DURATION_REACHED: 4002,
  MAX_CONNECTION_DURATION_REACHED: 4003,
  FRAGMENT_TIMECODE_LESSER_THAN_PREVIOUS: 4004,
  MORE_THAN_ONE_TRACK_FOUND: 4005,
  INVALID_MKV_DATA: 4006,
  INVALID_PRODUCER_TIMESTAMP: 4007,
  STREAM_NOT_ACTIVE: 4008,
  FRAGMENT_METADATA_LIMIT_REACHED: 4009,
  TRACK_NUMBER_MISMATCH: 4010,
  FRAMES_MISSING_FOR_TRACK: 4011,
  MORE_THAN_ALLOWED_TRACKS_FOUND: 4012,
  // The number of this one is not documented.
  MIN_FRAGMENT_DURATION_REACHED: 4013,
  KMS_KEY_ACCESS_DENIED: 4500,
  KMS_KEY_DISABLED: 4501,
  KMS_KEY_VALIDATION_ERROR: 4502,
  KMS_KEY_UNAVAILABLE: 4503,
  KMS_KEY_INVALID_USAGE: 4504,
  KMS_KEY_INVALID_STATE: 4505,
  KMS_KEY_NOT_FOUND: 4506,
  STREAM_DELETED: 4507,
  INTERNAL_ERROR: 5000,
  ARCHIVAL_ERROR: 5001,
} as const;

/** Why a PutMedia is ended by the service. */
export type AckErrorCode = keyof typeof AckErrorId;

/** The name that goes with the number of an error. Throws RangeError for a number that has none. */
export function ackErrorCode(id: number): AckErrorCode {
  const entry = Object.entries(AckErrorId).find(([, known]) => known === id);
  if (entry === undefined) throw new RangeError(`There is no ERROR acknowledgement ${id}`);
  return entry[0] as AckErrorCode;
}

/** The kinds of acknowledgements. */
export const ACK_TYPES = ['BUFFERING', 'RECEIVED', 'PERSISTED', 'ERROR', 'IDLE'] as const;

/** The kind of an acknowledgement. */
export type AckType = (typeof ACK_TYPES)[number];

/** How acknowledgements are written. */
export interface AckOptions {
  /** Whether there are any. */
  readonly enabled: boolean;
  /** Milliseconds that each is held back. */
  readonly delay: number;
  /** Kinds that are kept back altogether. */
  readonly dropped?: ReadonlySet<AckType>;
  /** Told about each that is written, and how many milliseconds that was after its cause. */
  readonly onWritten?: (type: AckType, latency: number) => void;
}

/** Thrown while media are taken in: the session answers with an ERROR acknowledgement and ends. */
export class AckError extends Error {
  override readonly name = 'AckError';
  readonly code: AckErrorCode;

  constructor(code: AckErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The fragment that an acknowledgement is about. */
export interface AckedFragment {
  readonly timecode: number;
  readonly number: string;
}

/** Stands in where no fragment applies. */
export const NO_FRAGMENT: AckedFragment = { timecode: -1, number: '' };

/** Writes acknowledgements in the order of the calls, each `delay` ms after its call. */
export class AckWriter {
  readonly #response: ServerResponse;
  readonly #enabled: boolean;
  readonly #delay: number;
  readonly #dropped: ReadonlySet<AckType>;
  readonly #onWritten: (type: AckType, latency: number) => void;
  readonly #waiting: NodeJS.Timeout[] = [];
  #onFlushed: (() => void) | undefined;

  constructor(response: ServerResponse, options: AckOptions) {
    this.#response = response;
    this.#enabled = options.enabled;
    this.#delay = options.delay;
    this.#dropped = options.dropped ?? new Set();
    this.#onWritten = options.onWritten ?? (() => undefined);
  }

  /** The first bytes of a fragment came, `since` (of `performance.now()`). */
  buffering(fragment: AckedFragment, since: number): void {
    this.#send('BUFFERING', since, fragment);
  }

  /** All of a fragment had come at `since`. */
  received(fragment: AckedFragment, since: number): void {
    this.#send('RECEIVED', since, fragment);
  }

  /** A fragment that had come at `since` is on disk and will survive a crash. */
  persisted(fragment: AckedFragment, since: number): void {
    this.#send('PERSISTED', since, fragment);
  }

  /** Nothing has come for a while. */
  idle(): void {
    this.#send('IDLE', performance.now());
  }

  /** The connection ends for this reason. */
  error(code: AckErrorCode, fragment: AckedFragment): void {
    this.#send('ERROR', performance.now(), fragment, {
      ErrorCode: code,
      ErrorId: AckErrorId[code],
    });
  }

  /** A promise while the client leaves acknowledgements unread; it is fulfilled when there is room. */
  pressure(): Promise<unknown> | undefined {
    const response = this.#response;
    if (!response.writableNeedDrain || response.destroyed) return undefined;
    const over = new AbortController();
    const { signal } = over;
    const change = Promise.race([
      once(response, 'drain', { signal }),
      once(response, 'close', { signal }),
    ]);
    return change
      .catch(() => undefined)
      .finally(() => {
        over.abort();
      });
  }

  /** Waits until all that was sent has been written to the response. */
  async flushed(): Promise<void> {
    if (this.#waiting.length === 0) return;
    await new Promise<void>((resolve) => {
      this.#onFlushed = resolve;
    });
  }

  /** Drops what has not been written yet. */
  cancel(): void {
    for (const timer of this.#waiting.splice(0)) clearTimeout(timer);
    this.#onFlushed?.();
  }

  #send(type: AckType, since: number, fragment?: AckedFragment, error?: object): void {
    if (!this.#enabled || this.#dropped.has(type)) return;
    const about = fragment && {
      FragmentTimecode: fragment.timecode,
      FragmentNumber: fragment.number,
    };
    const line = `${JSON.stringify({ EventType: type, ...about, ...error })}\n`;
    if (this.#delay === 0) {
      this.#write(type, line, since);
      return;
    }
    const timer = setTimeout(() => {
      this.#waiting.shift();
      this.#write(type, line, since);
      if (this.#waiting.length === 0) this.#onFlushed?.();
    }, this.#delay);
    this.#waiting.push(timer);
  }

  #write(type: AckType, line: string, since: number): void {
    if (!this.#response.writable) return;
    this.#response.write(line);
    this.#onWritten(type, performance.now() - since);
  }
}

/** A camera: frames with a number in each, put at the times at which a camera would have them. */
import type { KinesisVideoStream } from '../../../ts/index.js';
import { KinesisVideoError } from '../../../ts/index.js';

/** What the camera makes. */
export interface SourceOptions {
  /** Milliseconds between frames. Default 50. */
  readonly interval?: number;
  /** Frames from one key frame to the next. Default 10. */
  readonly gop?: number;
  /** Bytes of a frame. Default 1000. */
  readonly size?: number;
  /** Takes down what was taken in place of the source, whose books grow with each frame. */
  readonly journal?: (number: number) => void;
}

/** Digits that a frame begins with, behind the length and the header of its NAL unit. */
const NUMBER_AT = 5;
const NUMBER_DIGITS = 8;
/** A camera does not keep what was not fetched for so long (ms). */
const MEMORY = 1000;

/** Puts frames in real time until it is stopped. */
export class Source {
  readonly #stream: KinesisVideoStream;
  readonly #interval: number;
  readonly #gop: number;
  readonly #size: number;
  readonly #journal: ((number: number) => void) | undefined;
  #began: number | undefined;
  readonly #epoch = Date.now();
  #next = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Times of the frames that were taken, by number. */
  readonly accepted = new Map<number, number>();
  /** When frames were put, by number; by `performance.now()`. */
  readonly #putAt = new Map<number, number>();
  /** Why frames were not taken, by code, and how often. */
  readonly refused = new Map<string, number>();

  constructor(stream: KinesisVideoStream, options: SourceOptions = {}) {
    this.#stream = stream;
    this.#interval = options.interval ?? 50;
    this.#gop = options.gop ?? 10;
    this.#size = options.size ?? 1000;
    this.#journal = options.journal;
  }

  /** The number of the frame at a time, also of one that was never put. */
  numberAt(presentationTs: number): number {
    return Math.round((presentationTs - this.#epoch) / this.#interval);
  }

  /** Begins, or goes on after `stop`; what would have been put meanwhile never was. */
  start(): void {
    this.#began ??= performance.now();
    this.#next = Math.max(this.#next, Math.floor(this.#due()));
    this.#timer ??= setInterval(() => {
      this.#put();
    }, this.#interval);
  }

  /** Puts no more. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** The next frame is the one behind the next key frame. */
  skipKeyFrame(): void {
    this.#next = (Math.floor(this.#next / this.#gop) + 1) * this.#gop + 1;
  }

  /** Time of the first key frame that was put after a moment; undefined when there is none yet. */
  firstKeyFrameSince(moment: number): number | undefined {
    for (const [number, at] of this.#putAt) {
      if (at >= moment && number % this.#gop === 0) return this.accepted.get(number);
    }
    return undefined;
  }

  #due(): number {
    return (performance.now() - (this.#began ?? 0)) / this.#interval;
  }

  #put(): void {
    const due = this.#due();
    const oldest = Math.ceil(due - MEMORY / this.#interval);
    for (this.#next = Math.max(this.#next, oldest); this.#next <= due; this.#next += 1) {
      this.#putOne(this.#next);
    }
  }

  #putOne(number: number): void {
    const keyFrame = number % this.#gop === 0;
    const presentationTs = this.#epoch + number * this.#interval;
    const data = frameOf(number, keyFrame, this.#size);
    try {
      this.#stream.putFrame({ data, keyFrame, presentationTs, duration: this.#interval });
      if (this.#journal === undefined) {
        this.accepted.set(number, presentationTs);
        this.#putAt.set(number, performance.now());
      } else this.#journal(number);
    } catch (error) {
      if (!(error instanceof KinesisVideoError)) throw error;
      this.refused.set(error.code, (this.refused.get(error.code) ?? 0) + 1);
    }
  }
}

function frameOf(number: number, keyFrame: boolean, size: number): Buffer {
  const data = Buffer.alloc(size, 0x80 + (number % 0x7f));
  data.writeUInt32BE(size - 4, 0);
  data[4] = keyFrame ? 0x65 : 0x41;
  data.write(String(number).padStart(NUMBER_DIGITS, '0'), NUMBER_AT, 'latin1');
  return data;
}

/** The number that a frame holds. */
export function numberOf(frame: Uint8Array): number {
  const text = Buffer.from(frame.subarray(NUMBER_AT, NUMBER_AT + NUMBER_DIGITS)).toString('latin1');
  if (!/^\d+$/.test(text)) throw new Error(`The endpoint holds a frame that nobody put: ${text}`);
  return Number(text);
}

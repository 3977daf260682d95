/** A camera whose frames can be told by their time, and what it was told about its fragments. */
import { createHash } from 'node:crypto';
import { KinesisVideoError, type KinesisVideoStream } from '../../../ts/index.js';

/** Milliseconds between frames, and frames from one key frame to the next. */
const INTERVAL = 20;
const GOP = 5;
/** Fragments that may wait: an endpoint that is down most of the time takes less than a camera makes. */
const MAX_WAITING = 50;

/** The frames of one stream. */
export class Camera {
  readonly stream: KinesisVideoStream;
  /** Numbers of the fragments that were acknowledged as PERSISTED. */
  readonly persisted = new Set<string>();
  readonly problems = new Set<string>();
  readonly #size: number;
  readonly #epoch = Date.now();
  #next = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param size - bytes of a frame */
  constructor(stream: KinesisVideoStream, size: number) {
    this.stream = stream;
    this.#size = size;
    stream.on('fragmentAck', ({ type, fragmentNumber, errorCode }) => {
      if (type === 'PERSISTED') this.persisted.add(fragmentNumber);
      if (type === 'ERROR') this.problems.add(`the endpoint refused media with ${errorCode ?? ''}`);
    });
    stream.on('droppedFrame', ({ reason, frames }) => {
      this.problems.add(`${frames} frames were dropped: ${reason}`);
    });
    stream.on('error', (error) => this.problems.add(`the stream failed: ${error.message}`));
  }

  /** Puts frames in real time, or as fast as they are taken, until `stop`. */
  start(): void {
    this.#timer ??= setInterval(() => {
      const due = (Date.now() - this.#epoch) / INTERVAL;
      while (this.#next + GOP <= due && this.#waiting < MAX_WAITING) this.#putFragment();
    }, INTERVAL);
  }

  /** Puts no more. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** The frames that must be in the fragment that begins at `time`, oldest first. */
  fragmentAt(time: number): Buffer[] | undefined {
    const first = Math.round((time - this.#epoch) / INTERVAL);
    if (first < 0 || first % GOP !== 0 || first >= this.#next) return undefined;
    return Array.from({ length: GOP }, (_, i) => this.#frame(first + i));
  }

  /** Fragments that were put and not acknowledged. */
  get #waiting(): number {
    return this.#next / GOP - this.persisted.size;
  }

  /** A whole one, so that it is known what must be in each. */
  #putFragment(): void {
    for (let i = 0; i < GOP; i += 1) this.#put(this.#next);
  }

  #put(number: number): void {
    try {
      this.stream.putFrame({
        data: this.#frame(number),
        keyFrame: number % GOP === 0,
        presentationTs: this.#epoch + number * INTERVAL,
        duration: INTERVAL,
      });
    } catch (error) {
      if (!(error instanceof KinesisVideoError)) throw error;
      this.problems.add(`frames were not taken: ${error.code}`);
    }
    this.#next = number + 1;
  }

  #frame(number: number): Buffer {
    const { streamName } = this.stream;
    return Buffer.alloc(
      this.#size,
      createHash('sha256').update(`${streamName} ${number}`).digest(),
    );
  }
}

import type { FragmentAckType, KinesisVideoStream } from '../../../ts/index.js';
import { KinesisVideoError } from '../../../ts/index.js';
import { Source } from './source.js';
import type { StoredFragment } from './stored.js';

const INTERVAL = 50;
const GOP = 10;

/** What is known of a frame. */
const Fate = { UNKNOWN: 0, TAKEN: 1, DROPPED: 2 } as const;

/** One stream of a soak. Its books have a fixed size, so that they do not look like a leak. */
export class SoakStream {
  readonly stream: KinesisVideoStream;
  readonly source: Source;
  readonly #fates: Uint8Array;
  /** Whether a fragment was told to be stored, by the number of its first frame / GOP. */
  readonly #told: Uint8Array;
  accepted = 0;
  dropped = 0;
  /** When the latest stored fragment was put, as the number of its first frame. */
  latest = -1;
  readonly problems = new Set<string>();

  /** @param minutes - for which the books must suffice */
  constructor(stream: KinesisVideoStream, minutes: number) {
    const frames = Math.ceil(((minutes + 2) * 60_000) / INTERVAL);
    this.#fates = new Uint8Array(frames);
    this.#told = new Uint8Array(Math.ceil(frames / GOP));
    this.stream = stream;
    this.source = new Source(stream, {
      interval: INTERVAL,
      gop: GOP,
      journal: (number) => {
        this.accepted += 1;
        this.#fates[number] = Fate.TAKEN;
      },
    });
    stream.on('droppedFrame', ({ frames: count, firstPresentationTs, lastPresentationTs }) => {
      this.dropped += count;
      const last = this.source.numberAt(lastPresentationTs);
      for (let at = this.source.numberAt(firstPresentationTs); at <= last; at += 1) {
        if (this.#fates[at] === Fate.TAKEN) this.#fates[at] = Fate.DROPPED;
      }
    });
    stream.on('fragmentAck', ({ type, fragmentTimecode }) => {
      if (fragmentTimecode === undefined) return;
      const number = this.source.numberAt(fragmentTimecode);
      if (number < frames) this.#takeAck(type, number);
    });
    stream.on('error', (error) => this.problems.add(`failed: ${error.message}`));
    stream.on('disconnected', ({ error }) => {
      if (error !== undefined && !(error instanceof KinesisVideoError)) {
        this.problems.add(`an error without a code: ${String(error)}`);
      }
    });
  }

  /** A fragment that arrives anew although it was told to be stored was sent again in vain. */
  #takeAck(type: FragmentAckType, number: number): void {
    // One of the faults acknowledges fragments that will be put a quarter of an hour later.
    if (this.#fates[number] === Fate.UNKNOWN) return;
    const index = Math.floor(number / GOP);
    if (type === 'BUFFERING' && this.#told[index] === 1) {
      this.problems.add(`the fragment of frame ${number} was sent again in vain`);
    }
    if (type !== 'PERSISTED') return;
    this.#told[index] = 1;
    this.latest = Math.max(this.latest, number);
  }

  get persisted(): number {
    return this.stream.metrics.framesDelivered;
  }

  /** The number of the frame that is due now. */
  get now(): number {
    return this.source.numberAt(Date.now());
  }

  /** Compares what was taken with what is stored and told. */
  balance(stored: readonly StoredFragment[]): string[] {
    const { metrics } = this.stream;
    const problems = [...this.problems];
    const held = new Uint8Array(this.#fates.length);
    for (const { frames } of stored) for (const frame of frames) held[frame] = 1;
    let lost = 0;
    this.#fates.forEach((fate, index) => {
      if (fate === Fate.TAKEN && held[index] === 0) lost += 1;
    });
    if (lost > 0) problems.push(`${lost} frames vanished`);
    if (metrics.framesPut !== this.accepted) problems.push('frames taken are not frames counted');
    if (metrics.droppedFrames.total !== this.dropped) problems.push('drops told are not counted');
    const left = this.accepted - metrics.framesDelivered - this.dropped;
    if (left !== 0) problems.push(`${left} frames are neither delivered nor told`);
    return problems;
  }
}

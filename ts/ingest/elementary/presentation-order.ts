/**
 * Gives pictures that arrive in decoding order their place in output order. Pictures are output
 * by picture order count, one after the other, so the place is the rank of the count among the
 * pictures of a coded video sequence; the "bumping" of ITU-T H.264 clause C.4.5.3 and H.265
 * clause C.5.2.4 finds it with a look-ahead of no more than the reorder depth.
 */
import type { Picture, SequenceInfo } from './nal-syntax.js';

/** A picture whose place is known. */
export interface PlacedPicture<T> {
  readonly item: T;
  /** Place in decoding order, from 0. */
  readonly decodeIndex: number;
  /** Place in output order, from 0. */
  readonly outputIndex: number;
  /** Reorder depth in force at the first picture: by this many frames decoding runs ahead. */
  readonly delay: number;
}

interface Entry<T> {
  readonly item: T;
  readonly decodeIndex: number;
  readonly orderCount: number;
  outputIndex: number;
}

const UNPLACED = -1;
/** No stream reorders further; a picture that waits longer has a damaged order count. */
const MAX_WAITING = 32;

/** Places the pictures of one stream. */
export class PresentationOrder<T> {
  /** In decoding order: what has not been given out. */
  readonly #waiting: Entry<T>[] = [];
  /** In output order: those of the waiting pictures that have no place yet. */
  #unplaced: Entry<T>[] = [];
  #decodeIndex = 0;
  #outputIndex = 0;
  #lastOrderCount = -Infinity;
  /** The depth that the pictures themselves have shown. */
  #observedDepth = 0;
  #delay: number | undefined;

  /**
   * Takes the next picture in decoding order and returns those whose place is known now, in
   * decoding order too. When the stream does not tell its reorder depth, the first pictures are
   * held until they have shown it, at most as many as the decoder's buffer has room for.
   */
  push(item: T, picture: Picture): PlacedPicture<T>[] {
    const { sequence } = picture;
    const orderCount = picture.orderCount ?? 0;
    // Without an order count there is nothing to sort by: output order is decoding order.
    if (picture.startsSequence || picture.orderCount === undefined) this.#placeAll();
    this.#observe(orderCount);

    const decodeIndex = this.#decodeIndex;
    this.#decodeIndex += 1;
    const entry: Entry<T> = { item, decodeIndex, orderCount, outputIndex: UNPLACED };
    const after = this.#unplaced.findIndex((other) => other.orderCount > orderCount);
    this.#unplaced.splice(after < 0 ? this.#unplaced.length : after, 0, entry);
    this.#waiting.push(entry);
    if (picture.orderCount === undefined) this.#placeAll();

    const depth = this.#depth(sequence);
    while (this.#unplaced.length > depth) this.#place();
    const [oldest] = this.#waiting;
    if (oldest !== undefined && this.#waiting.length > MAX_WAITING) this.#place(oldest);
    return this.#release(sequence?.reorderDepth ?? this.#observedDepth);
  }

  /** Ends the stream and returns the pictures that were held. */
  finish(): PlacedPicture<T>[] {
    this.#placeAll();
    return this.#release(this.#observedDepth);
  }

  /** Learns from a picture that comes after pictures which are output after it. */
  #observe(orderCount: number): void {
    let later = this.#unplaced.filter((other) => other.orderCount > orderCount).length;
    // It should have been output before one that has left: the depth was taken too low.
    if (orderCount < this.#lastOrderCount) later += 1;
    this.#observedDepth = Math.max(this.#observedDepth, later);
  }

  #depth(sequence: SequenceInfo | undefined): number {
    if (sequence === undefined) return 0;
    if (sequence.reorderDepth !== undefined) return sequence.reorderDepth;
    const learning = this.#decodeIndex <= sequence.maxReorderDepth;
    return learning ? sequence.maxReorderDepth : this.#observedDepth;
  }

  /** Gives the next place to the first unplaced picture in output order, or to `entry`. */
  #place(entry: Entry<T> | undefined = this.#unplaced[0]): void {
    if (entry === undefined || entry.outputIndex !== UNPLACED) return;
    this.#unplaced = this.#unplaced.filter((other) => other !== entry);
    entry.outputIndex = this.#outputIndex;
    this.#outputIndex += 1;
    this.#lastOrderCount = entry.orderCount;
  }

  #placeAll(): void {
    while (this.#unplaced.length > 0) this.#place();
    this.#lastOrderCount = -Infinity;
  }

  /** Takes the pictures off whose place is known; `delay` counts if they are the first ones. */
  #release(delay: number): PlacedPicture<T>[] {
    const count = this.#waiting.findIndex((entry) => entry.outputIndex === UNPLACED);
    const ready = this.#waiting.splice(0, count < 0 ? this.#waiting.length : count);
    if (ready.length === 0) return [];
    const first = (this.#delay ??= delay);
    return ready.map(({ item, decodeIndex, outputIndex }) => {
      return { item, decodeIndex, outputIndex, delay: first };
    });
  }
}

import type { FragmentHeader } from '../../parser/index.js';
import type { MatroskaFrame } from '../../parser/frame-reader.js';

/**
 * The frames that were given out of a fragment that was cut. Its producer sends them again, as a
 * fragment of another number.
 */
export class GivenFrames {
  readonly #cut = new Set<string>();
  /** When the last of them is shown. */
  #until = -Infinity;
  /** Those of the fragment that is open, which may yet be cut. */
  readonly #open = new Set<string>();
  #last = -Infinity;

  /** A fragment begins. One that begins behind the last frame repeats none. */
  begins({ producerTimestamp = Infinity }: FragmentHeader): void {
    this.#open.clear();
    this.#last = -Infinity;
    if (producerTimestamp <= this.#until) return;
    this.#cut.clear();
    this.#until = -Infinity;
  }

  /** Takes a frame; false when it was given out before. */
  add({ trackNumber, producerTimestamp, data }: MatroskaFrame): boolean {
    if (producerTimestamp === undefined) return true;
    // By its whole time: frames that are not shown in the order in which they come have no last one.
    const key = `${trackNumber} ${Math.round(producerTimestamp * 100)} ${data.length}`;
    if (this.#cut.has(key)) return false;
    this.#open.add(key);
    this.#last = Math.max(this.#last, producerTimestamp);
    return true;
  }

  /** The open fragment is cut. */
  cut(): void {
    for (const key of this.#open) this.#cut.add(key);
    this.#until = Math.max(this.#until, this.#last);
    this.#open.clear();
  }
}

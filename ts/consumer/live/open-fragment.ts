import type { FragmentItem } from '../../parser/fragment-items.js';
import type { FragmentEnd, FragmentHeader } from '../../parser/index.js';
import type { GivenFrames } from './given-frames.js';

type Content = FragmentItem & { readonly type: 'frame' | 'bytes' };

/** A fragment that is being given out, perhaps over several connections. */
export class OpenFragment {
  readonly header: FragmentHeader;
  readonly #given: GivenFrames;
  #frames = 0;
  #bytes = 0;
  #lastFrame: number | undefined;
  /** What comes again and was given out before. */
  #repeatedFrames = 0;
  #repeatedBytes = 0;

  /** @param given - what was given out of the fragments before */
  constructor(header: FragmentHeader, given: GivenFrames) {
    this.header = header;
    this.#given = given;
  }

  /** When its last frame so far is shown, in milliseconds since the epoch, if known. */
  get lastFrame(): number | undefined {
    return this.#lastFrame;
  }

  /** It comes once more from its beginning. */
  again(): void {
    this.#repeatedFrames = this.#frames;
    this.#repeatedBytes = this.#bytes;
  }

  /** Takes a part of it; returns what is new in it. */
  pass(item: Content): Content | undefined {
    return item.type === 'frame' ? this.#passFrame(item) : this.#passBytes(item);
  }

  /** What is known of it when the rest does not come. */
  summary(): FragmentEnd {
    const { tags, events } = this.header;
    return { tags, events, frames: this.#frames, bytes: this.#bytes, atEndOfInput: true };
  }

  #passFrame(item: Content & { readonly type: 'frame' }): Content | undefined {
    if (this.#repeatedFrames > 0) {
      this.#repeatedFrames -= 1;
      return undefined;
    }
    this.#frames += 1;
    const time = item.frame.producerTimestamp;
    if (time !== undefined) this.#lastFrame = Math.max(time, this.#lastFrame ?? time);
    return this.#given.add(item.frame) ? item : undefined;
  }

  #passBytes(item: Content & { readonly type: 'bytes' }): Content | undefined {
    const repeated = Math.min(this.#repeatedBytes, item.bytes.length);
    this.#repeatedBytes -= repeated;
    const bytes = item.bytes.subarray(repeated);
    this.#bytes += bytes.length;
    return bytes.length === 0 ? undefined : { type: 'bytes', bytes };
  }
}

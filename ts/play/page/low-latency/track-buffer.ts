import type { MatroskaFrame } from '../../../parser/index.js';
import type { Segmenter } from '../../media/segmenter.js';

/** Seconds that are removed at once: each removal holds up what is appended. */
const REMOVED_AT_ONCE = 5;

/** One track in a media source: what comes while something is appended goes in with the next. */
export class TrackBuffer {
  readonly #buffer: SourceBuffer;
  readonly #segmenter: Segmenter;
  #isOpen = true;

  constructor(buffer: SourceBuffer, segmenter: Segmenter) {
    this.#buffer = buffer;
    this.#segmenter = segmenter;
    buffer.addEventListener('updateend', () => {
      this.#append();
    });
    buffer.appendBuffer(segmenter.init);
  }

  /** Whether all that was put is in the media source, or that is gone. */
  get isSettled(): boolean {
    return !this.#isOpen || (!this.#buffer.updating && this.#segmenter.isEmpty);
  }

  put(frame: MatroskaFrame): void {
    this.#segmenter.put(frame);
    this.#append();
  }

  /** Removes what lies before `time` (seconds), when it is much. */
  forget(time: number): void {
    const { updating, buffered } = this.#buffer;
    if (updating || !this.#isOpen || buffered.length === 0) return;
    if (buffered.start(0) < time - REMOVED_AT_ONCE) this.#buffer.remove(0, time);
  }

  /** Appends nothing more; its media source is gone. */
  close(): void {
    this.#isOpen = false;
  }

  #append(): void {
    if (!this.#isOpen || this.#buffer.updating) return;
    const segment = this.#segmenter.take();
    if (segment !== undefined) this.#buffer.appendBuffer(segment);
  }
}

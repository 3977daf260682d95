/** Turns places of frames into times, for streams that carry no times of their own. */

interface Stretch {
  readonly fromIndex: number;
  /** Milliseconds at `fromIndex`. */
  readonly time: number;
  /** Milliseconds from frame to frame. */
  readonly step: number;
}

/** A time line of evenly spaced frames, whose rate can change from one frame on. */
export class FrameClock {
  #current: Stretch;
  #previous: Stretch;

  constructor(frameRate: number) {
    this.#current = { fromIndex: 0, time: 0, step: 1000 / frameRate };
    this.#previous = this.#current;
  }

  /** Milliseconds from one frame to the next. */
  get step(): number {
    return this.#current.step;
  }

  /** Milliseconds from the first frame to the frame at place `index`, which may be negative. */
  at(index: number): number {
    const stretch = index < this.#current.fromIndex ? this.#previous : this.#current;
    return stretch.time + (index - stretch.fromIndex) * stretch.step;
  }

  /** Sets the rate from the frame at place `fromIndex` on. */
  change(frameRate: number, fromIndex: number): void {
    const step = 1000 / frameRate;
    if (step === this.#current.step) return;
    this.#previous = this.#current;
    this.#current = { fromIndex, time: this.at(fromIndex), step };
  }
}

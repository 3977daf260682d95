import type { NativeStream } from '../internal/native.js';

/** The longest time of a timer (ms). */
const MAX_DELAY = 2 ** 31 - 1;

/**
 * Has the core do what time brings: one timer, set to when the core wants it, and none while nothing
 * is due. It does not keep the process alive.
 */
export class Ticker {
  readonly #native: NativeStream;
  readonly #onTick: () => void;
  #timer: NodeJS.Timeout | undefined;
  /** When the timer ends, by `performance.now()`. */
  #due = Infinity;
  #ticking = false;
  #again = false;

  /** @param onTick - handles what has changed in the core */
  constructor(native: NativeStream, onTick: () => void) {
    this.#native = native;
    this.#onTick = onTick;
  }

  /** Does what is due now, and sets the timer for what is due next. */
  tick(): void {
    this.#again = true;
    if (this.#ticking) return;
    this.#ticking = true;
    try {
      // What a tick has brought about can make another one due.
      while (this.#again) {
        this.#again = false;
        this.#set(this.#native.tick());
        this.#onTick();
      }
    } finally {
      this.#ticking = false;
    }
  }

  /** Ends the timer. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#due = Infinity;
  }

  #set(delay: number): void {
    if (delay === Infinity) {
      this.stop();
      return;
    }
    const due = performance.now() + delay;
    // A timer that ends earlier asks the core again: no timer is made anew for each frame.
    if (this.#timer !== undefined && this.#due <= due) return;
    clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#due = Infinity;
        this.tick();
      },
      Math.min(Math.ceil(delay), MAX_DELAY),
    );
    this.#timer.unref();
  }
}

import type { DroppedFrames } from '../../producer/index.js';

/** How long (ms) a line waits for more of its kind. */
const PATIENCE = 500;

/**
 * Makes one line of drops that follow one another for the same reason: what waits for a key frame is
 * dropped frame by frame.
 */
export class DropLines {
  readonly #write: (drop: DroppedFrames) => void;
  #pending: DroppedFrames | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(write: (drop: DroppedFrames) => void) {
    this.#write = write;
  }

  /** Takes a drop. */
  add(drop: DroppedFrames): void {
    const before = this.#pending;
    if (before?.reason === drop.reason) {
      this.#pending = merged(before, drop);
      return;
    }
    this.flush();
    this.#pending = drop;
    this.#timer = setTimeout(() => {
      this.flush();
    }, PATIENCE);
    this.#timer.unref();
  }

  /** Writes what waits, before a line of another kind or at the end. */
  flush(): void {
    clearTimeout(this.#timer);
    const drop = this.#pending;
    this.#pending = undefined;
    if (drop !== undefined) this.#write(drop);
  }
}

function merged(before: DroppedFrames, drop: DroppedFrames): DroppedFrames {
  return {
    reason: drop.reason,
    frames: before.frames + drop.frames,
    fragments: before.fragments + drop.fragments,
    bytes: before.bytes + drop.bytes,
    firstPresentationTs: Math.min(before.firstPresentationTs, drop.firstPresentationTs),
    lastPresentationTs: Math.max(before.lastPresentationTs, drop.lastPresentationTs),
  };
}

/** After so many bytes or frames in a row `put` lets the rest of the process have its turn. */
const BYTES_PER_TURN = 1024 * 1024;
const FRAMES_PER_TURN = 64;

/** Tells when a caller that puts one frame after the other has kept others waiting for long enough. */
export class TurnMeter {
  #bytes = 0;
  #frames = 0;

  /** Counts a frame; true when it was the last one of the turn. */
  isOver(bytes: number): boolean {
    this.#bytes += bytes;
    this.#frames += 1;
    if (this.#bytes < BYTES_PER_TURN && this.#frames < FRAMES_PER_TURN) return false;
    this.#bytes = 0;
    this.#frames = 0;
    return true;
  }
}

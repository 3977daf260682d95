/** How long it takes from the put of a fragment's last frame until the service has stored it. */

/** Fragments whose acknowledgement is awaited; with one each second or two that is a minute. */
const MAX_AWAITED = 60;
/** Latencies that are kept for the median. */
const MAX_KEPT = 60;
/** Timecodes are whole milliseconds, frames need not be. */
const ROUNDING = 1;

export class AckLatency {
  /** Open and awaited fragments, the oldest first. */
  #awaited = [];
  #latencies = [];

  /** Takes that a frame was put. */
  put(isKeyFrame, presentationTs, now) {
    if (isKeyFrame) this.#awaited.push({ timecode: presentationTs, lastPut: now });
    if (this.#awaited.length > MAX_AWAITED) this.#awaited.shift();
    const open = this.#awaited.at(-1);
    if (open !== undefined) open.lastPut = now;
  }

  /** Takes that a fragment was stored; those before it will not be heard of any more. */
  persisted(timecode, now) {
    const isLater = (fragment) => fragment.timecode > timecode + ROUNDING;
    const index = this.#awaited.findLastIndex((fragment) => !isLater(fragment));
    if (index < 0) return;
    const [stored] = this.#awaited.splice(0, index + 1).slice(-1);
    this.#latencies.push(Math.max(0, now - stored.lastPut));
    if (this.#latencies.length > MAX_KEPT) this.#latencies.shift();
  }

  /** The last, the median and the worst of the latest latencies, in milliseconds; undefined before. */
  get summary() {
    if (this.#latencies.length === 0) return undefined;
    const sorted = [...this.#latencies].sort((a, b) => a - b);
    return {
      last: this.#latencies.at(-1),
      median: sorted[Math.floor(sorted.length / 2)],
      worst: sorted.at(-1),
    };
  }
}

/** The service accepts signatures within 5 minutes; below 4 a correction only adds jitter. */
const TOLERANCE = 4 * 60_000;

/**
 * How far the clock of this machine is off, learned from the `Date` header of answers. Share one
 * between the control plane and the connections of a region: a device without a battery-backed
 * clock can then stream before it has reached a time server.
 */
export class ClockSkew {
  #offset = 0;

  /** Milliseconds to add to the local clock; 0 until an answer has shown that it is off. */
  get offset(): number {
    return this.#offset;
  }

  /** The time of the service, as far as known. */
  now(): Date {
    return new Date(Date.now() + this.#offset);
  }

  /**
   * Takes over what `date`, the `Date` header of an answer just received, shows. Returns whether
   * that was news, in which case a request that was refused for its date may be repeated.
   */
  learn(date: string | undefined): boolean {
    const serverTime = Date.parse(date ?? '');
    return !Number.isNaN(serverTime) && this.adopt(serverTime - Date.now());
  }

  /** Takes over a measured offset (ms) that is more than 4 minutes from the one in use. */
  adopt(offset: number): boolean {
    if (Math.abs(offset - this.#offset) <= TOLERANCE) return false;
    this.#offset = offset;
    return true;
  }
}

/** The service accepts signatures within 5 minutes; below 4 a correction only adds jitter. */
const TOLERANCE = 4 * 60_000;

/** A change (ms) between the clocks of this machine that is no drift: somebody has set the clock. */
const STEP = 30_000;

/** The clocks of this machine, in milliseconds. */
export interface MachineClocks {
  /** Wall clock, since the epoch. */
  readonly now: () => number;
  /** A clock that nobody sets. */
  readonly monotonic: () => number;
}

const MACHINE: MachineClocks = { now: () => Date.now(), monotonic: () => performance.now() };

/**
 * How far the clock of this machine is off, learned from the `Date` header of answers. Share one
 * between the control plane and the connections of a region: a device without a battery-backed
 * clock can then stream before it has reached a time server.
 */
export class ClockSkew {
  readonly #clocks: MachineClocks;
  #offset = 0;
  /** By how much the wall clock was ahead of the monotonic one. */
  #lead: number;

  /** @param clocks - for tests */
  constructor(clocks = MACHINE) {
    this.#clocks = clocks;
    this.#lead = this.#measureLead();
  }

  /** Milliseconds to add to the local clock; 0 until an answer has shown that it is off. */
  get offset(): number {
    this.#followSteps();
    return this.#offset;
  }

  /** The time of the service, as far as known. */
  now(): Date {
    return new Date(this.#clocks.now() + this.offset);
  }

  /**
   * Takes over what `date`, the `Date` header of an answer just received, shows. Returns whether
   * that was news, in which case a request that was refused for its date may be repeated.
   */
  learn(date: string | undefined): boolean {
    const serverTime = Date.parse(date ?? '');
    return !Number.isNaN(serverTime) && this.adopt(serverTime - this.#clocks.now());
  }

  /** Takes over a measured offset (ms) that is more than 4 minutes from the one in use. */
  adopt(offset: number): boolean {
    if (Math.abs(offset - this.offset) <= TOLERANCE) return false;
    this.#offset = offset;
    return true;
  }

  /**
   * Takes a clock that is set for one that is being corrected, as far as it was off that way. With
   * the old offset on top, credentials would seem to have expired, and with none there is no request
   * whose answer could tell the time. A machine that has slept looks the same: the next answer tells.
   */
  #followSteps(): void {
    const lead = this.#measureLead();
    const step = lead - this.#lead;
    if (Math.abs(step) < STEP) return;
    this.#lead = lead;
    if (Math.sign(step) !== Math.sign(this.#offset)) return;
    const rest = this.#offset - step;
    const isCorrected = Math.abs(rest) <= TOLERANCE || Math.sign(rest) !== Math.sign(this.#offset);
    this.#offset = isCorrected ? 0 : rest;
  }

  #measureLead(): number {
    return this.#clocks.now() - this.#clocks.monotonic();
  }
}

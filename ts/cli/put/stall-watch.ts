import { KinesisVideoError } from '../../internal/errors.js';
import type { FragmentAck, StreamMetrics } from '../../producer/index.js';
import { count } from '../format.js';

/** How a watch is set up. */
export interface StallWatchOptions {
  /** Milliseconds without progress that are too many. */
  readonly timeout: number;
  readonly metrics: () => StreamMetrics;
  /** What the connection last complained about, for the sentence. */
  readonly lastTrouble: () => string | undefined;
  /** Called once. */
  readonly onStall: (error: KinesisVideoError) => void;
}

const ACK_ORDER = ['BUFFERING', 'RECEIVED', 'PERSISTED'];
/** How often the watch looks, as a part of its time-out. */
const CHECKS = 20;

/**
 * Notices that nothing gets to the service any more although there is something to deliver.
 *
 * Progress is an acknowledgement of what had not been acknowledged so far. Bytes count too, since
 * a large fragment takes its time on a slow line, but not after a reconnection: an endpoint that
 * takes everything and confirms nothing would otherwise never be found out.
 */
export class StallWatch {
  readonly #options: StallWatchOptions;
  readonly #timer: NodeJS.Timeout;
  #since = performance.now();
  #session = 1;
  #bytesSent = 0;
  #furthest = [-Infinity, -1] as [timecode: number, step: number];
  #isEnding = false;

  constructor(options: StallWatchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => {
      this.#check();
    }, options.timeout / CHECKS);
  }

  /** Takes an acknowledgement. */
  onAck({ type, fragmentTimecode }: FragmentAck): void {
    const step = ACK_ORDER.indexOf(type);
    if (fragmentTimecode === undefined || step < 0) return;
    const [timecode, reached] = this.#furthest;
    if (fragmentTimecode < timecode) return;
    if (fragmentTimecode === timecode && step <= reached) return;
    this.#furthest = [fragmentTimecode, step];
    this.#session = this.#options.metrics().sessions;
    this.#since = performance.now();
  }

  /** Tells that no more media follow, so that the last fragment is due too. */
  end(): void {
    this.#isEnding = true;
    this.#since = performance.now();
  }

  /** Ends the watch. */
  stop(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    const { timeout, metrics, lastTrouble, onStall } = this.#options;
    const now = performance.now();
    const state = metrics();
    const moved = state.sessions <= this.#session && state.bytesSent > this.#bytesSent;
    this.#bytesSent = state.bytesSent;
    if (moved || !this.#isDue(state)) this.#since = now;
    if (now - this.#since < timeout) return;
    this.stop();
    onStall(stalled(timeout, state.view.frames, lastTrouble()));
  }

  /** Whether the service owes something: about a fragment that still grows it says nothing more. */
  #isDue(state: StreamMetrics): boolean {
    const open = state.fragmentsPut - state.fragmentsDelivered - state.droppedFragments;
    return state.pending.frames > 0 || open > (this.#isEnding ? 0 : 1);
  }
}

function stalled(timeout: number, frames: number, trouble: string | undefined): KinesisVideoError {
  const seconds = timeout / 1000;
  const advice = 'check the network and the endpoint, or allow more time with --stall-timeout';
  const reason = trouble === undefined ? '' : ` (${trouble.replace(/\.$/, '')})`;
  return new KinesisVideoError(
    'STATUS_OPERATION_TIMED_OUT',
    `The upload has made no progress for ${seconds} s with ${count(frames, 'frame')} to deliver` +
      `${reason}: ${advice}.`,
    { values: { timeout, frames }, advice },
  );
}

import type { KinesisVideoError } from '../internal/errors.js';
import { retryAfterOf } from '../service/index.js';
import type { StreamState } from './events.js';
import { isMissing, remedyFor, type Remedy } from './remedies.js';
import type { StreamTroubles } from './retry-callbacks.js';
import { Retry } from './retry.js';

/*
 *              something to send             accepted
 *   ┌──────┐ ────────────────────▶ ┌────────────┐ ────────▶ ┌───────────┐
 *   │ idle │                       │ connecting │           │ streaming │
 *   └──────┘ ◀──────────────────── └────────────┘ ◀──────── └───────────┘
 *     ▲  ▲     nothing to send         ▲    │      over, and    │    │
 *     │  │                     again   │    │ failed  more to   │    │
 *     │  │                             │    ▼         send      │    │
 *     │  │                        ┌──────────┐      lost        │    │
 *     │  └─────────────────────── │ retrying │ ◀────────────────┘    │
 *     │      nothing to send      └──────────┘                       │
 *     └──────────────────────────────────────────────────────────────┘
 *                             all is delivered
 *
 *   From each of them: a failure that trying again cannot mend ─▶ failed; stop, destroy ─▶ closed.
 *
 * While one connection of the stream is there, what becomes of the others beside it changes nothing.
 */

/** What moves a stream from state to state. */
type Step = 'attempt' | 'accepted' | 'pause' | 'rest';

/** The states from which a stream goes on; `failed` and `closed` are those of a stream that is over. */
type LiveState = Exclude<StreamState, 'failed' | 'closed'>;

/** The diagram: where each step leads. A step that a state does not list leaves it as it is. */
export const TRANSITIONS: Readonly<Record<LiveState, Partial<Record<Step, LiveState>>>> = {
  idle: { attempt: 'connecting', pause: 'retrying', rest: 'idle' },
  connecting: { accepted: 'streaming', pause: 'retrying', rest: 'idle' },
  retrying: { attempt: 'connecting', accepted: 'streaming', rest: 'idle' },
  streaming: { attempt: 'connecting', pause: 'retrying', rest: 'idle' },
};

/** What is to happen after a failure. */
export type Verdict = 'again' | 'give-up';

/** A failure of the upload, for whoever may decide otherwise. */
export interface StreamFailure extends Pick<
  StreamTroubles['streamError'],
  'error' | 'failures' | 'pause'
> {
  /** What the supervisor would do. */
  readonly verdict: Verdict;
}

/** What a supervisor works with, and whom it tells what. */
export interface SupervisorOptions {
  /** Whether the stream goes on after a failure. */
  readonly restartOnError: boolean;
  /** Has the last word on a failure. */
  readonly decide: (failure: StreamFailure) => Verdict | Promise<Verdict>;
  /** Forgets the data endpoint, so that it is asked for anew. */
  readonly forgetEndpoint: () => void;
  readonly onState: (state: StreamState) => void;
  /** There is a connection, and there was none. */
  readonly onConnected: (endpoint: string) => void;
  /** A connection was lost, with the error; or the last one has ended as it should. */
  readonly onDisconnected: (error: KinesisVideoError | undefined) => void;
  /** The upload goes on after this failure. */
  readonly onRetry: (failure: StreamFailure) => void;
  /** Trying again is pointless. Nothing is called after this. */
  readonly onFatal: (error: KinesisVideoError) => void;
}

/**
 * Watches over the connections of a stream: knows its state, decides what follows a failure and when
 * the next attempt is made. Whatever can pass is tried again for ever, after pauses that grow to 5 s
 * with full jitter; see remedies.ts for what cannot, and for what has to be done before.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #retry = new Retry();
  #state: LiveState = 'idle';
  /** Connections that are there. */
  #connections = 0;
  /** `onConnected` was told, and `onDisconnected` not since. */
  #isOnline = false;
  #hasWorked = false;
  #remedy: Remedy = 'reconnect';
  /** Since when the service says that there is no such stream, by `performance.now()`. */
  #missingSince: number | undefined;
  /** The last failure was one that `renew` is for. */
  #hasRenewed = false;
  /** When the next attempt may be made, by `performance.now()`. */
  #notBefore = 0;
  #deciding: Promise<void> | undefined;
  #endPause: (() => void) | undefined;
  #isOver = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** Whether a connection is there, or was when somebody was last told. */
  get isOnline(): boolean {
    return this.#isOnline;
  }

  /** Whether the stream has to be described, and created when it is gone, before the next attempt. */
  get mustDescribe(): boolean {
    return this.#remedy === 'describe-stream';
  }

  /** Waits until the next attempt may be made; at once after `hurry` and `end`. */
  async ready(): Promise<void> {
    await this.#deciding;
    const pause = this.#notBefore - performance.now();
    if (pause <= 0 || this.#isOver) return;
    this.#step('pause');
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pause);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#endPause = undefined;
  }

  /** Tells that a connection is about to be made. */
  attempt(): void {
    this.#step('attempt');
  }

  /** Tells that the stream was described and can be written to. */
  described(): void {
    this.#missingSince = undefined;
    this.#remedy = 'reconnect';
  }

  /** Tells that a connection was made. */
  connected(endpoint: string): void {
    this.#connections += 1;
    if (!this.#isOnline) this.#options.onConnected(endpoint);
    this.#isOnline = true;
    this.#step('accepted');
  }

  /** Tells that a connection, which was there, is gone: what comes next is told by other calls. */
  ended(): void {
    this.#connections -= 1;
  }

  /** Tells that the service has confirmed what was sent: the next failure is the first one again. */
  succeeded(): void {
    this.#hasWorked = true;
    this.#hasRenewed = false;
    this.#retry.succeeded();
  }

  /** Tells that all connections have ended as they should. */
  offline(): void {
    if (!this.#isOnline || this.#connections > 0) return;
    this.#isOnline = false;
    this.#options.onDisconnected(undefined);
  }

  /** Tells that there is nothing to send. */
  rest(): void {
    this.#step('rest');
  }

  /** Puts the next attempt off by `milliseconds`, or by the pause after a failure. */
  postpone(milliseconds = this.#retry.failed()): void {
    this.#notBefore = performance.now() + milliseconds;
  }

  /** Lets the next attempt be made at once. */
  hurry(): void {
    this.#notBefore = 0;
    this.#endPause?.();
  }

  /** Ends the watch: nothing is told any more. */
  end(): void {
    this.#isOver = true;
    this.#endPause?.();
  }

  /**
   * Tells that an attempt or a connection has failed.
   *
   * @param hadConnection - whether it was one that was there
   * @param progressed - whether the service has confirmed something in it
   */
  failed(error: KinesisVideoError, hadConnection: boolean, progressed: boolean): void {
    if (hadConnection || this.#isOnline) {
      this.#isOnline = this.#connections > 0;
      this.#options.onDisconnected(error);
    }
    const missingFor = this.#measureMissing(error);
    const remedy = remedyFor(error, { hasWorked: this.#hasWorked, missingFor });
    const isPointless = remedy === 'give-up' || !this.#options.restartOnError;
    const pause = this.#pauseAfter(error, remedy);
    this.#notBefore = performance.now() + pause;
    this.#prepare(remedy, progressed);
    this.#deciding = this.#conclude({
      error,
      failures: this.#retry.failures,
      pause: Math.round(pause),
      verdict: isPointless ? 'give-up' : 'again',
    });
  }

  async #conclude(failure: StreamFailure): Promise<void> {
    const { decide, onRetry, onFatal } = this.#options;
    const advice = decide(failure);
    // Most advice is there at once, and a failure that is told late is told in a wrong state.
    const verdict = typeof advice === 'string' ? advice : await advice;
    if (this.#isOver) return;
    if (verdict === 'again') onRetry({ ...failure, verdict });
    else onFatal(failure.error);
  }

  #measureMissing(error: KinesisVideoError): number {
    if (!isMissing(error)) return 0;
    this.#missingSince ??= performance.now();
    return performance.now() - this.#missingSince;
  }

  #pauseAfter(error: KinesisVideoError, remedy: Remedy): number {
    const pause = this.#retry.failed();
    const isMended = remedy === 'renew' && !this.#hasRenewed;
    this.#hasRenewed = remedy === 'renew';
    return Math.max(isMended ? 0 : pause, retryAfterOf(error));
  }

  /** Has done, or remembers, what the next attempt needs. */
  #prepare(remedy: Remedy, progressed: boolean): void {
    if (remedy === 'describe-stream') this.#remedy = remedy;
    // Also when all was handed over: a refusal can come after the last byte, and the endpoint may be gone.
    const isSuspect = remedy === 'resolve-endpoint' && !progressed;
    if (isSuspect || remedy === 'describe-stream') this.#options.forgetEndpoint();
  }

  #step(step: Step): void {
    const isHeld = this.#state === 'streaming' && this.#connections > 0;
    const next = isHeld ? undefined : TRANSITIONS[this.#state][step];
    if (next === undefined || this.#isOver) return;
    this.#state = next;
    this.#options.onState(next);
  }
}

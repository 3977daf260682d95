import type { KinesisVideoError } from '../internal/errors.js';
import { nativeError, type NativeSession, type NativeStream } from '../internal/native.js';
import { Status } from '../internal/status.js';
import { retryAfterOf } from '../service/index.js';
import type { StreamState } from './events.js';
import { Retry } from './retry.js';
import { undeliveredFragments } from './transfer.js';
import {
  asError,
  UploadSession,
  type SessionOptions,
  type SessionOutcome,
} from './upload-session.js';

/** How long (ms) to wait when the service is not yet done with the connection before. */
const HAND_OVER_PAUSE = 250;

/** What an upload works with, and whom it tells what. */
export interface UploadOptions extends SessionOptions {
  readonly restartOnError: boolean;
  /** Whether the latest fragment may get more frames. */
  readonly isGrowing: () => boolean;
  readonly onState: (state: StreamState) => void;
  readonly onConnected: (endpoint: string) => void;
  readonly onDisconnected: (error: KinesisVideoError | undefined) => void;
  /** The upload goes on after this failure. */
  readonly onRetry: (error: KinesisVideoError, failures: number, pause: number) => void;
  /** All was delivered after `stop`. */
  readonly onDrained: () => void;
  /** Trying again is pointless. Nothing is called after this. */
  readonly onFatal: (error: KinesisVideoError) => void;
}

/**
 * Keeps a stream's media going to the service: opens a session and a connection when there is
 * something to send, and does so again after every failure but those that trying again cannot mend.
 *
 * A session whose part is sent stays until the service has confirmed it, while the next one takes
 * over beside it: that is how a connection is replaced before its time is up, and how a new format
 * begins, without a gap. With nothing to send there is no connection, no timer and no work, so that
 * an idle stream does not keep the process alive.
 */
export class Upload {
  readonly #options: UploadOptions;
  readonly #retry = new Retry();
  readonly #abort = new AbortController();
  /** The open sessions, the oldest one first. */
  readonly #sessions = new Set<UploadSession>();
  /** The next session is being opened. */
  #opening = false;
  /** The next session is wanted although one is being read from. */
  #rotating = false;
  /** `onConnected` was told, and `onDisconnected` not since. */
  #isOnline = false;
  #parked = false;
  #stopping = false;
  #notBefore = 0;
  #endPause: (() => void) | undefined;

  constructor(options: UploadOptions) {
    this.#options = options;
  }

  /**
   * Whether the next frame has to `wake` although the core does not ask for it: the service has
   * closed an idle connection, and only a fragment that is still growing is left to be sent.
   */
  get isParked(): boolean {
    return this.#parked;
  }

  #isOver(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Tells that there may be something to send. */
  wake(): void {
    for (const session of this.#sessions) session.wake();
    this.#openNext();
  }

  /** Tells that the session that is read from is near the end of its life. */
  rotate(): void {
    this.#rotating = true;
    this.#openNext();
  }

  /** Tells that nothing more will be put: what is left is sent, without further pauses at first. */
  stop(): void {
    this.#stopping = true;
    this.#notBefore = 0;
    this.#endPause?.();
    this.wake();
  }

  /** Takes the reason for which the service has ended a session. */
  onErrorAck(sessionId: number, error: KinesisVideoError): void {
    this.#find(sessionId)?.onErrorAck(error);
  }

  /** Gives up the connection of a session that has owed an acknowledgement for too long. */
  onStale(sessionId: number, waited: number): void {
    this.#find(sessionId)?.giveUp(waited);
  }

  /** Has every connection made anew, since the core has ended all sessions. */
  reset(): void {
    this.#notBefore = 0;
    this.#endPause?.();
    for (const session of this.#sessions) session.reset();
  }

  /** Ends everything at once. Nothing is called after this. */
  destroy(): void {
    this.#abort.abort();
    this.#endPause?.();
    for (const session of this.#sessions) session.destroy();
  }

  #find(sessionId: number): UploadSession | undefined {
    for (const session of this.#sessions) if (session.id === sessionId) return session;
    return undefined;
  }

  /** Opens the next session, unless one that has something to send is there or on its way. */
  #openNext(): void {
    if (this.#opening || this.#isOver()) return;
    if (!this.#rotating && this.#some((session) => session.isReading)) return;
    this.#opening = true;
    this.#parked = false;
    // Frames that are put in the same turn shall be in the first read.
    setImmediate(() => {
      void this.#open();
    });
  }

  async #open(): Promise<void> {
    try {
      if (this.#hasWork()) await this.#pause();
      const session = await this.#beginSession();
      this.#opening = false;
      if (session === undefined) this.#rest();
      else void this.#run(session);
    } catch (error) {
      this.#opening = false;
      if (!this.#isOver()) this.#afterFailure(asError(error), false);
    }
  }

  /** Opens a session of the core; undefined when there is nothing to be sent in one now. */
  async #beginSession(): Promise<NativeSession | undefined> {
    const { native, connector, streamName } = this.#options;
    // A stream without media needs no credentials.
    if (!this.#hasWork()) return undefined;
    this.#tellState('connecting');
    const expires = await connector.expiration();
    this.#abort.signal.throwIfAborted();
    const session = native.openSession(expires);
    if (typeof session !== 'number') {
      this.#rotating = false;
      return session;
    }
    if (session === Status.STATUS_NO_MORE_DATA_AVAILABLE) return undefined;
    // As many sessions as there can be wait for their end, which opens the next one.
    if (session === Status.STATUS_INVALID_OPERATION && this.#sessions.size > 0) return undefined;
    const problem = `Stream "${streamName}" cannot open an upload session`;
    const canPass = session === Status.STATUS_INVALID_TOKEN_EXPIRATION ? true : undefined;
    throw nativeError(session, problem, { streamName, expires }, canPass);
  }

  /** Whether a session that is opened now would have something to send. */
  #hasWork(): boolean {
    return this.#rotating || hasPending(this.#options.native);
  }

  #rest(): void {
    if (this.#sessions.size > 0) return;
    this.#tellOffline();
    this.#tellState('idle');
    if (this.#stopping) this.#options.onDrained();
  }

  async #run(native: NativeSession): Promise<void> {
    const { settle } = this.#options;
    const before = deliveredFrames(this.#options.native);
    // The service refuses a second connection to a stream while it gets media through the first one.
    const readers = [...this.#sessions].filter(({ isReading }) => isReading);
    const session = new UploadSession(this.#options, native, {
      whenFree: Promise.all(readers.map(({ partSent }) => partSent)),
      onConnected: (endpoint) => {
        if (!this.#isOnline) this.#options.onConnected(endpoint);
        this.#isOnline = true;
        this.#tellState('streaming');
      },
      onPartSent: () => {
        this.#openNext();
      },
    });
    this.#sessions.add(session);
    this.#tellState('connecting');
    const outcome = await session.run();
    if (this.#isOver()) return;
    // While the session is still among the others, what this wakes opens no next one.
    settle();
    this.#sessions.delete(session);
    if (!this.#isOver()) {
      this.#onSessionEnd(session, outcome, deliveredFrames(this.#options.native) > before);
    }
  }

  /** Decides what the end of a session means for the stream. */
  #onSessionEnd(session: UploadSession, outcome: SessionOutcome, progressed: boolean): void {
    const rests = outcome.caughtUp && this.#isResting();
    // The service ends the answer to a producer that has been silent for long, which is no error.
    const isIdleEnd = rests && outcome.error?.values['httpStatus'] === 200;
    const error = isIdleEnd ? undefined : outcome.error;
    if (progressed) this.#retry.succeeded();
    if (error !== undefined && this.#isTooEarly(error)) {
      this.#notBefore = performance.now() + HAND_OVER_PAUSE;
      this.wake();
      return;
    }
    if (error !== undefined) {
      if (outcome.wasConnected || this.#isOnline) this.#tellLost(error);
      this.#afterFailure(error, progressed);
      return;
    }
    // An upload that is ended again and again shall not come back at once.
    if (session.isReading) this.#notBefore = performance.now() + this.#retry.failed();
    this.#parked = rests && this.#sessions.size === 0 && hasPending(this.#options.native);
    // One that was reset, or that the service has ended, is over; another's part may follow at once.
    if (this.#parked || session.isReading) this.#tellOffline();
    if (this.#parked) this.#tellState('idle');
    else this.wake();
  }

  /** Whether the service has only refused a connection since it is not yet done with the one before. */
  #isTooEarly({ code }: KinesisVideoError): boolean {
    return code === 'STATUS_SERVICE_CALL_CLIENT_LIMIT_ERROR' && this.#sessions.size > 0;
  }

  /** Whether nothing is left to be delivered but a fragment that may get more frames. */
  #isResting(): boolean {
    const { native, isGrowing } = this.#options;
    return !this.#stopping && undeliveredFragments(native) <= (isGrowing() ? 1 : 0);
  }

  #afterFailure(error: KinesisVideoError, progressed: boolean): void {
    const { connector, restartOnError, streamName, onFatal, onRetry } = this.#options;
    if (!error.retryable || !restartOnError) {
      onFatal(error);
      return;
    }
    const pause = Math.max(this.#retry.failed(), retryAfterOf(error));
    this.#notBefore = performance.now() + pause;
    // Also when all was handed over: a refusal can come after the last byte, and the endpoint may be gone.
    if (!progressed) connector.forgetEndpoint(streamName);
    onRetry(error, this.#retry.failures, Math.round(pause));
    // The session that has taken over ends soon, so that the next one sends what is missing now.
    this.wake();
  }

  /** Waits until the next attempt may be made, or until `stop` or `destroy` is called. */
  async #pause(): Promise<void> {
    const milliseconds = this.#notBefore - performance.now();
    if (milliseconds <= 0) return;
    this.#tellState('retrying');
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#endPause = undefined;
    this.#abort.signal.throwIfAborted();
  }

  /** Tells that a connection was lost; another one may be there. */
  #tellLost(error: KinesisVideoError): void {
    this.#isOnline = this.#some((session) => session.isConnected);
    this.#options.onDisconnected(error);
  }

  /** Tells that the last connection has ended as it should, unless that was told. */
  #tellOffline(): void {
    if (!this.#isOnline || this.#some((session) => session.isConnected)) return;
    this.#isOnline = false;
    this.#options.onDisconnected(undefined);
  }

  /** Tells what the upload is doing; a connection that is there counts more than one that is not. */
  #tellState(state: StreamState): void {
    const isStreaming = this.#some((session) => session.isConnected);
    this.#options.onState(isStreaming ? 'streaming' : state);
  }

  #some(test: (session: UploadSession) => boolean): boolean {
    for (const session of this.#sessions) if (test(session)) return true;
    return false;
  }
}

/** Whether something is still to be sent. */
function hasPending(native: NativeStream): boolean {
  const metrics = native.metrics();
  return typeof metrics !== 'number' && metrics.pendingFrames + metrics.orderingFrames > 0;
}

function deliveredFrames(native: NativeStream): number {
  const metrics = native.metrics();
  return typeof metrics === 'number' ? 0 : metrics.framesDelivered;
}

import type { KinesisVideoError } from '../internal/errors.js';
import { nativeError, type NativeSession, type NativeStream } from '../internal/native.js';
import { Status } from '../internal/status.js';
import { Supervisor, type SupervisorOptions } from './supervisor.js';
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
export interface UploadOptions extends SessionOptions, Omit<SupervisorOptions, 'forgetEndpoint'> {
  /** Whether the latest fragment may get more frames. */
  readonly isGrowing: () => boolean;
  /** Describes the stream, and creates it when it is gone and may be. */
  readonly describe: (signal: AbortSignal) => Promise<unknown>;
  /** All was delivered after `stop`. */
  readonly onDrained: () => void;
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
  readonly #supervisor: Supervisor;
  readonly #abort = new AbortController();
  /** The open sessions, the oldest one first. */
  readonly #sessions = new Set<UploadSession>();
  /** The next session is being opened. */
  #opening = false;
  /** The next session is wanted although one is being read from. */
  #rotating = false;
  #parked = false;
  #stopping = false;

  constructor(options: UploadOptions) {
    this.#options = options;
    this.#supervisor = new Supervisor({
      ...options,
      forgetEndpoint: () => {
        options.connector.forgetEndpoint(options.streamName);
      },
    });
  }

  /**
   * Whether the next frame has to `wake` although the core does not ask for it: the service has
   * closed an idle connection, and only a fragment that is still growing is left to be sent.
   */
  get isParked(): boolean {
    return this.#parked;
  }

  /** Whether there is a connection. */
  get isOnline(): boolean {
    return this.#supervisor.isOnline;
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
    this.#supervisor.hurry();
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

  /**
   * Has every connection made anew, since the core has ended all sessions.
   *
   * @param atOnce - whether that ends the pause after a failure
   */
  reset(atOnce: boolean): void {
    if (atOnce) this.#supervisor.hurry();
    for (const session of this.#sessions) session.reset();
  }

  /** Ends everything at once. Nothing is called after this. */
  destroy(): void {
    this.#abort.abort();
    this.#supervisor.end();
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
      if (this.#hasWork()) await this.#supervisor.ready();
      this.#abort.signal.throwIfAborted();
      const session = await this.#beginSession();
      this.#opening = false;
      if (session === undefined) this.#rest();
      else void this.#run(session);
    } catch (error) {
      this.#opening = false;
      if (!this.#isOver()) this.#fail(asError(error), false, false);
    }
  }

  /** Opens a session of the core; undefined when there is nothing to be sent in one now. */
  async #beginSession(): Promise<NativeSession | undefined> {
    const { native, connector, streamName } = this.#options;
    // A stream without media needs no credentials.
    if (!this.#hasWork()) return undefined;
    this.#supervisor.attempt();
    if (this.#supervisor.mustDescribe) await this.#describe();
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

  async #describe(): Promise<void> {
    await this.#options.describe(this.#abort.signal);
    this.#supervisor.described();
  }

  /** Whether a session that is opened now would have something to send. */
  #hasWork(): boolean {
    return this.#rotating || hasPending(this.#options.native);
  }

  #rest(): void {
    if (this.#sessions.size > 0) return;
    this.#supervisor.offline();
    this.#supervisor.rest();
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
        this.#supervisor.connected(endpoint);
      },
      onPartSent: () => {
        this.#openNext();
      },
    });
    this.#sessions.add(session);
    this.#supervisor.attempt();
    const outcome = await session.run();
    if (this.#isOver()) return;
    if (outcome.wasConnected) this.#supervisor.ended();
    // While the session is still among the others, what this wakes opens no next one.
    settle();
    this.#sessions.delete(session);
    if (!this.#isOver()) {
      const hasDelivered = deliveredFrames(this.#options.native) > before;
      this.#onSessionEnd(session, outcome, hasDelivered && !this.#isRefusal(outcome));
    }
  }

  /** Decides what the end of a session means for the stream. */
  #onSessionEnd(session: UploadSession, outcome: SessionOutcome, progressed: boolean): void {
    const rests = outcome.caughtUp && this.#isResting();
    // The service ends the answer to a producer that has been silent for long, which is no error.
    const isIdleEnd = rests && outcome.error?.values['httpStatus'] === 200;
    const error = isIdleEnd ? undefined : outcome.error;
    if (progressed) this.#supervisor.succeeded();
    if (error !== undefined && this.#isTooEarly(error)) {
      this.#supervisor.postpone(HAND_OVER_PAUSE);
      this.wake();
      return;
    }
    if (error !== undefined) {
      this.#fail(error, outcome.wasConnected, progressed);
      return;
    }
    // An upload that is ended again and again shall not come back at once.
    if (session.isReading) this.#supervisor.postpone();
    this.#parked = rests && this.#sessions.size === 0 && hasPending(this.#options.native);
    // One that was reset, or that the service has ended, is over; another's part may follow at once.
    if (this.#parked || session.isReading) this.#supervisor.offline();
    if (this.#parked) this.#supervisor.rest();
    else this.wake();
  }

  #fail(error: KinesisVideoError, hadConnection: boolean, progressed: boolean): void {
    this.#supervisor.failed(error, hadConnection, progressed);
    // The session that has taken over ends soon, so that the next one sends what is missing now.
    if (!this.#isOver()) this.wake();
  }

  /** Whether the service has only refused a connection since it is not yet done with the one before. */
  #isTooEarly({ code }: KinesisVideoError): boolean {
    return code === 'STATUS_SERVICE_CALL_CLIENT_LIMIT_ERROR' && this.#sessions.size > 0;
  }

  /** Whether the service has refused what counts as delivered, since nothing is acknowledged. */
  #isRefusal({ error }: SessionOutcome): boolean {
    const { httpStatus } = error?.values ?? {};
    return !this.#options.fragmentAcks && httpStatus !== undefined && httpStatus !== 200;
  }

  /** Whether nothing is left to be delivered but a fragment that may get more frames. */
  #isResting(): boolean {
    const { native, isGrowing } = this.#options;
    return !this.#stopping && undeliveredFragments(native) <= (isGrowing() ? 1 : 0);
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

import { KinesisVideoError } from '../internal/errors.js';
import { nativeError, type NativeSession, type NativeStream } from '../internal/native.js';
import { Status } from '../internal/status.js';
import { retryAfterOf } from '../service/index.js';
import type { StreamState } from './events.js';
import type { Logger } from './logger.js';
import { Retry } from './retry.js';
import {
  Transfer,
  undeliveredFragments,
  type MediaConnection,
  type TransferOutcome,
} from './transfer.js';

/** What a connection is opened with. */
export interface ConnectRequest {
  readonly streamName: string;
  /** Milliseconds since the epoch that relative timecodes count from. */
  readonly startTimestamp: number;
  readonly timecodeType: 'ABSOLUTE' | 'RELATIVE';
  readonly fragmentAcks: boolean;
  readonly signal: AbortSignal;
  readonly onAckBytes: (chunk: Uint8Array) => void;
  readonly onClose: (error: KinesisVideoError | undefined) => void;
}

/** Opens connections to the service. */
export interface Connector {
  connect(request: ConnectRequest): Promise<{ connection: MediaConnection; endpoint: string }>;
  /** Has the endpoint of the stream asked for anew: the present one may be what fails. */
  forgetEndpoint(streamName: string): void;
}

/** What an upload works with, and whom it tells what. */
export interface UploadOptions {
  readonly native: NativeStream;
  readonly streamName: string;
  readonly absoluteFragmentTimes: boolean;
  readonly fragmentAcks: boolean;
  readonly restartOnError: boolean;
  readonly connectionStaleness: number;
  readonly connector: Connector;
  readonly logger: Logger;
  /** Handles what has changed in the core: events, room, data. */
  readonly settle: () => void;
  readonly onState: (state: StreamState) => void;
  readonly onConnected: (endpoint: string) => void;
  readonly onDisconnected: (error: KinesisVideoError | undefined) => void;
  /** All was delivered after `stop`. */
  readonly onDrained: () => void;
  /** Trying again is pointless. Nothing is called after this. */
  readonly onFatal: (error: KinesisVideoError) => void;
}

/**
 * Keeps a stream's media going to the service: opens a session and a connection when there is
 * something to send, and does so again after every failure but those that trying again cannot mend.
 *
 * With nothing to send there is no connection, no timer and no work, so that an idle stream does not
 * keep the process alive.
 */
export class Upload {
  readonly #options: UploadOptions;
  readonly #retry = new Retry();
  readonly #abort = new AbortController();
  #transfer: Transfer | undefined;
  #running = false;
  /** A wake-up came after `#runSession` had found nothing to do and before `#run` has ended. */
  #wokenMeanwhile = false;
  #parked = false;
  #stopping = false;
  #notBefore = 0;
  #endPause: (() => void) | undefined;
  #ackError: KinesisVideoError | undefined;

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

  /** Tells that there may be something to send. */
  wake(): void {
    if (this.#transfer !== undefined) this.#transfer.wake();
    else if (this.#running) this.#wokenMeanwhile = true;
    else if (!this.#abort.signal.aborted) this.#start();
  }

  /** Tells that nothing more will be put: what is left is sent, without further pauses at first. */
  stop(): void {
    this.#stopping = true;
    this.#notBefore = 0;
    this.#endPause?.();
    this.wake();
  }

  /** Takes the reason for which the service has ended the session. */
  onErrorAck(error: KinesisVideoError): void {
    this.#ackError = error;
  }

  /** Ends everything at once. Nothing is called after this. */
  destroy(): void {
    this.#abort.abort();
    this.#endPause?.();
    this.#transfer?.destroy();
  }

  #start(): void {
    this.#running = true;
    this.#parked = false;
    // Frames that are put in the same turn shall be in the first read.
    setImmediate(() => {
      void this.#run();
    });
  }

  async #run(): Promise<void> {
    const { onFatal } = this.#options;
    try {
      while (!this.#abort.signal.aborted && ((await this.#runSession()) || this.#wokenMeanwhile));
    } catch (error) {
      if (!this.#abort.signal.aborted) onFatal(asError(error));
    } finally {
      this.#running = false;
    }
  }

  /** Runs one session to its end. False when there is nothing to be sent now. */
  async #runSession(): Promise<boolean> {
    const { native, onState, onDrained, streamName } = this.#options;
    const session = native.openSession();
    if (typeof session === 'number') {
      if (session !== Status.STATUS_NO_MORE_DATA_AVAILABLE) {
        throw nativeError(session, `Stream "${streamName}" cannot open an upload session`);
      }
      this.#wokenMeanwhile = false;
      onState('idle');
      if (this.#stopping) onDrained();
      return false;
    }
    const before = deliveredFrames(native);
    const outcome = await this.#transferSession(session);
    if (this.#abort.signal.aborted) return false;
    this.#judge(outcome, deliveredFrames(native) > before);
    if (this.#stopping || !outcome.caughtUp || undeliveredFragments(native) > 1) return true;
    this.#parked = true;
    this.#wokenMeanwhile = false;
    onState('idle');
    return false;
  }

  async #transferSession(session: NativeSession): Promise<TransferOutcome> {
    const { native, settle } = this.#options;
    this.#ackError = undefined;
    try {
      await this.#pause();
      return await this.#connectAndTransfer(session);
    } catch (error) {
      return { error: asError(error), caughtUp: false };
    } finally {
      this.#transfer = undefined;
      native.closeSession(session.sessionId);
      settle();
    }
  }

  async #connectAndTransfer(session: NativeSession): Promise<TransferOutcome> {
    const { native, streamName, fragmentAcks, connectionStaleness, settle } = this.#options;
    const { connector, onState, onConnected, onDisconnected } = this.#options;
    const transfer = new Transfer({
      native,
      sessionId: session.sessionId,
      streamName,
      fragmentAcks,
      staleness: connectionStaleness,
      settle,
    });
    onState('connecting');
    const { connection, endpoint } = await connector.connect({
      streamName,
      startTimestamp: session.startTimestamp,
      timecodeType: this.#options.absoluteFragmentTimes ? 'ABSOLUTE' : 'RELATIVE',
      fragmentAcks,
      signal: this.#abort.signal,
      onAckBytes: (chunk) => {
        transfer.onAckBytes(chunk);
      },
      onClose: (error) => {
        transfer.onClose(error);
      },
    });
    if (this.#abort.signal.aborted) {
      connection.destroy();
      this.#abort.signal.throwIfAborted();
    }
    this.#transfer = transfer;
    onConnected(endpoint);
    onState('streaming');
    const { error, caughtUp } = await transfer.run(connection);
    // What the service said last is why it, or we, ended the connection.
    const reason = this.#ackError ?? error;
    if (!this.#abort.signal.aborted) onDisconnected(reason);
    return { error: reason, caughtUp };
  }

  /** Decides what the end of a session means for the next one; throws when there shall be none. */
  #judge({ error }: TransferOutcome, progressed: boolean): void {
    const { connector, restartOnError, streamName, logger } = this.#options;
    if (error !== undefined && (!error.retryable || !restartOnError)) throw error;
    if (progressed) this.#retry.succeeded();
    const pause = Math.max(this.#retry.failed(), retryAfterOf(error));
    this.#notBefore = performance.now() + pause;
    if (error === undefined) return;
    // Also when all was handed over: a refusal can come after the last byte, and the endpoint may be gone.
    if (!progressed) connector.forgetEndpoint(streamName);
    logger.warn?.(`Stream "${streamName}" was disconnected and connects again: ${error.message}`, {
      streamName,
      code: error.code,
      failures: this.#retry.failures,
      pause: Math.round(pause),
    });
  }

  /** Waits until the next attempt may be made, or until `stop` or `destroy` is called. */
  async #pause(): Promise<void> {
    const milliseconds = this.#notBefore - performance.now();
    if (milliseconds <= 0) return;
    this.#options.onState('retrying');
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
}

function deliveredFrames(native: NativeStream): number {
  const metrics = native.metrics();
  return typeof metrics === 'number' ? 0 : metrics.framesDelivered;
}

/** Errors that are not ours come from a defect or from the user's own code, and are not retried. */
function asError(error: unknown): KinesisVideoError {
  if (error instanceof KinesisVideoError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new KinesisVideoError(
    'STATUS_INTERNAL_ERROR',
    `The upload failed unexpectedly: ${reason}`,
    {
      cause: error,
    },
  );
}

import { KinesisVideoError } from '../internal/errors.js';
import { SessionResult, type NativeSession, type NativeStream } from '../internal/native.js';
import { abortable } from '../internal/signal.js';
import { openDump } from './debug-dump.js';
import type { UploadNote } from './journal.js';
import type { Logger } from '../logging/index.js';
import { Transfer, type MediaConnection, type TransferOutcome } from './transfer.js';

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
  /** When the credentials of the next connection run out, in milliseconds; 0 when they do not. */
  expiration(): Promise<number>;
  connect(request: ConnectRequest): Promise<{ connection: MediaConnection; endpoint: string }>;
  /** Has the endpoint of the stream asked for anew: the present one may be what fails. */
  forgetEndpoint(streamName: string): void;
}

/** What the sessions of a stream work with. */
export interface SessionOptions {
  readonly native: NativeStream;
  readonly streamName: string;
  readonly absoluteFragmentTimes: boolean;
  readonly fragmentAcks: boolean;
  readonly connectionStaleness: number;
  readonly connector: Connector;
  readonly logger: Logger;
  readonly onNote?: ((note: UploadNote) => void) | undefined;
  /** Handles what has changed in the core: events, room, data. */
  readonly settle: () => void;
}

/** Whom one session tells what. */
export interface SessionListener {
  /** Fulfilled when it may connect. */
  readonly whenFree: Promise<unknown>;
  readonly onConnected: (endpoint: string) => void;
  /** The session's part is sent, and the next one may follow. */
  readonly onPartSent: () => void;
}

/** How a session ended. */
export interface SessionOutcome extends TransferOutcome {
  /** Whether there was a connection. */
  readonly wasConnected: boolean;
}

/** One session of the core from its beginning to its end, with the connection that serves it. */
export class UploadSession {
  readonly #options: SessionOptions;
  readonly #session: NativeSession;
  readonly #transfer: Transfer;
  readonly #listener: SessionListener;
  readonly #dump;
  readonly #partSent: Promise<void>;
  #tellPartSent!: () => void;
  readonly #abort = new AbortController();
  #isConnected = false;
  #isReading = true;
  #wasReset = false;
  #isUnwanted = false;
  /** When the connection was asked for, or was made. */
  #since = 0;
  #endpoint: string | undefined;
  #ackError: KinesisVideoError | undefined;

  constructor(options: SessionOptions, session: NativeSession, listener: SessionListener) {
    this.#options = options;
    this.#session = session;
    this.#listener = listener;
    this.#partSent = new Promise((resolve) => {
      this.#tellPartSent = resolve;
    });
    const { native, streamName, fragmentAcks, connectionStaleness, settle, logger } = options;
    this.#dump = openDump(streamName, session.sessionId, logger);
    this.#transfer = new Transfer({
      native,
      sessionId: session.sessionId,
      streamName,
      fragmentAcks,
      staleness: connectionStaleness,
      dump: this.#dump,
      settle,
      onPartSent: () => {
        this.#isReading = false;
        this.#tellPartSent();
        listener.onPartSent();
      },
    });
  }

  get id(): number {
    return this.#session.sessionId;
  }

  /** Whether there is a connection now. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Whether the session has still something to send, as far as is known. */
  get isReading(): boolean {
    return this.#isReading;
  }

  /** Fulfilled when nothing more will be sent in it: its part was sent, or it has ended. */
  get partSent(): Promise<void> {
    return this.#partSent;
  }

  /** Connects, sends, and waits for the end; closes the session of the core. Never rejects. */
  async run(): Promise<SessionOutcome> {
    this.#since = performance.now();
    const outcome = await this.#connectAndTransfer().catch((error: unknown) => ({
      error: this.#wasReset ? undefined : asError(error),
      caughtUp: false,
    }));
    const wasConnected = this.#isConnected;
    this.#isConnected = false;
    this.#tellPartSent();
    // What the service said last is why it, or we, ended the connection.
    const error = this.#ackError ?? outcome.error;
    this.#tellEnd(wasConnected, this.#ackError ?? (this.#isUnwanted ? undefined : outcome.error));
    this.#options.native.closeSession(this.id, this.#resultOf(error));
    this.#dump?.close();
    return { error, caughtUp: outcome.caughtUp, wasConnected };
  }

  /** Tells that the core may have something to read. */
  wake(): void {
    if (this.#isConnected) this.#transfer.wake();
  }

  /** Takes the reason for which the service has ended the session. */
  onErrorAck(error: KinesisVideoError): void {
    this.#ackError = error;
    // Reading tells whether the core has ended the session too; what is only awaited is over.
    if (this.#isReading) this.wake();
    else this.destroy(error);
  }

  /** Gives up, since the service has owed an acknowledgement for `waited` milliseconds. */
  giveUp(waited: number): void {
    this.#transfer.giveUp(waited);
  }

  /** Ends the session because the user wants another one: that is no error. */
  reset(): void {
    this.#wasReset = true;
    this.destroy();
  }

  /** Ends the session at once. */
  destroy(error?: KinesisVideoError): void {
    this.#isUnwanted ||= error === undefined;
    this.#abort.abort();
    this.#transfer.destroy(error);
  }

  async #connectAndTransfer(): Promise<TransferOutcome> {
    const { streamName, fragmentAcks, connector, absoluteFragmentTimes } = this.#options;
    await abortable(this.#listener.whenFree, this.#abort.signal);
    const { connection, endpoint } = await connector.connect({
      streamName,
      startTimestamp: this.#session.startTimestamp,
      timecodeType: absoluteFragmentTimes ? 'ABSOLUTE' : 'RELATIVE',
      fragmentAcks,
      signal: this.#abort.signal,
      onAckBytes: (chunk) => {
        this.#transfer.onAckBytes(chunk);
      },
      onClose: (error) => {
        this.#transfer.onClose(error);
      },
    });
    if (this.#abort.signal.aborted) {
      connection.destroy();
      this.#abort.signal.throwIfAborted();
    }
    this.#isConnected = true;
    this.#tell('opened', { endpoint });
    this.#since = performance.now();
    this.#endpoint = endpoint;
    this.#listener.onConnected(endpoint);
    return this.#transfer.run(connection);
  }

  #tellEnd(wasConnected: boolean, error: KinesisVideoError | undefined): void {
    const endpoint = this.#endpoint;
    const facts = { ...(endpoint && { endpoint }), ...(error && { error }) };
    if (wasConnected) this.#tell('closed', facts);
    else if (error !== undefined) this.#tell('failed', facts);
  }

  #tell(phase: 'opened' | 'closed' | 'failed', facts: object): void {
    const duration = performance.now() - this.#since;
    const sessionId = this.id;
    this.#options.onNote?.({ type: 'connection', phase, sessionId, duration, ...facts });
  }

  /** How the session ended in the terms of the core, which knows the ERROR acknowledgements itself. */
  #resultOf(error: KinesisVideoError | undefined): number {
    if (this.#wasReset) return SessionResult.DISCONNECTED;
    if (error === undefined) return SessionResult.OK;
    const { httpStatus } = error.values;
    return typeof httpStatus === 'number' ? httpStatus : SessionResult.DISCONNECTED;
  }
}

/** Errors that are not ours come from a defect or from the user's own code, and are not retried. */
export function asError(error: unknown): KinesisVideoError {
  if (error instanceof KinesisVideoError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new KinesisVideoError(
    'STATUS_INTERNAL_ERROR',
    `The upload failed unexpectedly: ${reason}`,
    { cause: error },
  );
}

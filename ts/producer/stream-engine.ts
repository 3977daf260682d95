import type { KinesisVideoError } from '../internal/errors.js';
import { Signal, type NativeStream } from '../internal/native.js';
import type { CallMeter } from './call-meter.js';
import { EventPump } from './event-pump.js';
import type { DroppedFrames, EventSink, StreamEvents, StreamState } from './events.js';
import type { Logger } from '../logging/index.js';
import type { UploadNote } from './journal.js';
import type { OutageNotice } from './outage-notice.js';
import type { RetryAdvisor } from './retry-advice.js';
import type { RetryAction, StreamTroubles } from './retry-callbacks.js';
import type { ResolvedDefinition } from './stream-definition.js';
import { advisedError } from './stream-errors.js';
import type { StreamFailure, Verdict } from './supervisor.js';
import { Ticker } from './ticker.js';
import type { StreamConnector } from './stream-connector.js';
import { Upload } from './upload.js';

/** Failures in a row after which a program that hears of none is told: one alone is soon over. */
const OUTAGE_FAILURES = 3;

/** What a stream is moved with. */
export interface EngineParts {
  readonly native: NativeStream;
  readonly definition: ResolvedDefinition;
  readonly connector: StreamConnector;
  readonly logger: Logger;
  readonly advisor: RetryAdvisor;
  readonly calls: CallMeter;
  readonly outages: Pick<OutageNotice, 'tell'>;
  /** Whether the latest fragment may get more frames, where another thread knows it first. */
  readonly growth?: { isGrowing: boolean };
}

/** Whom an engine tells what. */
export interface EngineHost {
  readonly events: EventSink;
  /** Whether somebody listens for an event. */
  readonly isHeard: (name: keyof StreamEvents) => boolean;
  /** There may be room in the store for frames that wait. */
  readonly onRoom: () => void;
  readonly onState: (state: StreamState) => void;
  /** The service has a fragment; with the time, in milliseconds since the epoch, when it has stored it. */
  readonly onDelivered: (persistedAt: number | undefined) => void;
  /** The upload does something that is logged, and no event. */
  readonly onNote: (note: UploadNote) => void;
  /** All was delivered after `stop`. */
  readonly onDrained: () => void;
  /** The stream has failed. */
  readonly onFatal: (error: KinesisVideoError) => void;
}

/**
 * What moves the core of a stream: whatever changes in it is told by signals, which become events for
 * the listeners, work for the upload, and the time of the next tick.
 */
export class StreamEngine {
  readonly #parts: EngineParts;
  readonly #host: EngineHost;
  readonly #upload: Upload;
  readonly #ticker: Ticker;
  readonly #pump: EventPump;
  readonly #growth: { isGrowing: boolean };

  constructor(parts: EngineParts, host: EngineHost) {
    this.#parts = parts;
    this.#host = host;
    const { native, definition } = parts;
    this.#growth = parts.growth ?? { isGrowing: false };
    this.#ticker = new Ticker(native, () => {
      this.#settle();
    });
    this.#upload = this.#makeUpload();
    this.#pump = new EventPump({
      native,
      streamName: definition.streamName,
      events: host.events,
      onNote: host.onNote,
      onErrorAck: (sessionId, error) => {
        this.#upload.onErrorAck(sessionId, error);
      },
      onDelivered: (type) => {
        host.onDelivered(type === 'PERSISTED' ? Date.now() : undefined);
      },
      onDropped: (drop) => {
        this.onDropped(drop);
      },
      onLatency: (duration) => {
        // Without a connection the reason is known, and dealt with.
        if (!this.#upload.isOnline) return;
        this.#consult('latencyPressure', { streamName: definition.streamName, duration });
      },
      onStale: (sessionId, duration) => {
        const { streamName } = definition;
        this.#consult('connectionStale', { streamName, duration }, () => {
          this.#upload.onStale(sessionId, duration);
        });
      },
      onUnderflow: () => {
        this.onFragmentEnd();
      },
    });
  }

  /** Does what signals of the core ask for. */
  handleSignals(signals: number): void {
    if ((signals & Signal.EVENTS) !== 0) this.#pump.drain();
    if ((signals & (Signal.EVENTS | Signal.ROOM)) !== 0) this.#host.onRoom();
    if ((signals & Signal.ROTATE) !== 0) {
      this.#host.onNote({ type: 'connection', phase: 'rotating' });
      this.#upload.rotate();
    }
    if ((signals & Signal.DATA) !== 0) this.#upload.wake();
    if ((signals & Signal.TICK) !== 0) this.#ticker.tick();
  }

  /** Tells that a frame was taken. */
  onPut(): void {
    this.#growth.isGrowing = true;
    if (this.#upload.isParked) this.#upload.wake();
  }

  /** Tells that the fragment at hand has ended, so that what is left can be delivered. */
  onFragmentEnd(): void {
    this.#growth.isGrowing = false;
    if (this.#upload.isParked) this.#upload.wake();
  }

  /** Tells that frames were dropped. */
  onDropped(drop: DroppedFrames): void {
    this.#consult('droppedFrame', { streamName: this.#parts.definition.streamName, ...drop });
  }

  /** Tells that the core was stopped. */
  stop(): void {
    this.#growth.isGrowing = false;
    this.#upload.stop();
  }

  /** Tells that the core has ended all sessions. */
  reset(atOnce = true): void {
    this.#upload.reset(atOnce);
    this.#settle();
  }

  /** Ends everything, after the events so far. */
  destroy(): void {
    this.#upload.destroy();
    this.#ticker.stop();
    this.#pump.drain();
  }

  #settle(): void {
    this.handleSignals(this.#parts.native.takeSignals());
  }

  /** Asks what to do about a trouble, and does it; `resetConnection` is how, where it is not all. */
  #consult<K extends keyof StreamTroubles>(
    name: K,
    trouble: StreamTroubles[K],
    resetConnection = (): void => {
      this.#parts.native.resetConnection();
      this.reset();
    },
  ): void {
    const act = (action: RetryAction): void => {
      if (action === 'reset-connection') resetConnection();
      if (action === 'reset-stream') this.#resetStream();
      if (action === 'fail') this.#host.onFatal(advisedError(trouble.streamName, name));
    };
    const advice = this.#parts.advisor.ask(name, trouble);
    if (advice === 'continue') return;
    // Not here, where events of the core are being taken.
    void Promise.resolve(advice).then(act);
  }

  #resetStream(atOnce = true): void {
    this.#parts.native.reset();
    this.reset(atOnce);
  }

  #decide({ verdict, ...failure }: StreamFailure): Verdict | Promise<Verdict> {
    const { advisor, definition } = this.#parts;
    const advice = advisor.ask('streamError', {
      streamName: definition.streamName,
      ...failure,
      suggested: verdict === 'again' ? 'continue' : 'fail',
    });
    const judge = (action: RetryAction): Verdict => {
      // After the pause, or a program that always answers so would never get one.
      if (action === 'reset-stream') this.#resetStream(false);
      return action === 'fail' ? 'give-up' : 'again';
    };
    return typeof advice === 'string' ? judge(advice) : advice.then(judge);
  }

  #makeUpload(): Upload {
    const { native, definition, connector, logger } = this.#parts;
    const { events, onState, onNote, onDrained, onFatal } = this.#host;
    const onTagError = (error: KinesisVideoError): void => {
      onNote({ type: 'warning', error });
    };
    return new Upload({
      ...definition,
      native,
      connector,
      logger,
      isGrowing: () => this.#growth.isGrowing,
      describe: (signal) => connector.prepareStream(definition, { signal, onTagError }),
      settle: () => {
        this.#settle();
      },
      onState,
      onNote,
      onConnected: (endpoint) => {
        events.push('connected', { endpoint });
      },
      onDisconnected: (error) => {
        events.push('disconnected', error === undefined ? {} : { error });
      },
      decide: (failure) => this.#decide(failure),
      onRetry: (failure) => {
        this.#tellRetry(failure);
      },
      onDrained,
      onFatal,
    });
  }

  #tellRetry({ error, failures, pause }: StreamFailure): void {
    const { logger, calls, outages, definition } = this.#parts;
    const { streamName } = definition;
    calls.retry();
    this.#host.onNote({ type: 'retry', error, failures, pause });
    const isHeard = logger.warn !== undefined || this.#host.isHeard('disconnected');
    if (!isHeard && failures >= OUTAGE_FAILURES) outages.tell(streamName, error);
  }
}

/** What is logged and published of a stream and of the calls for it: all texts and levels are here. */
import type { KinesisVideoError } from '../internal/errors.js';
import { publish, summarize, type ChannelMessages, type Logger } from '../logging/index.js';
import type { DroppedFrames, FragmentAck, StreamEvents } from './events.js';
import type { HealthState } from './health.js';

/** What the upload does, besides events: plain data and errors, which can come from another thread. */
export type UploadNote =
  | {
      readonly type: 'connection';
      readonly phase: ChannelMessages['connection']['phase'];
      readonly sessionId?: number;
      readonly endpoint?: string;
      /** Milliseconds that it took to open, or lasted. */
      readonly duration?: number;
      readonly error?: KinesisVideoError;
    }
  | {
      readonly type: 'retry';
      readonly error: KinesisVideoError;
      readonly failures: number;
      /** Milliseconds until the next attempt. */
      readonly pause: number;
    }
  /** Something that the stream gets over by itself. */
  | { readonly type: 'warning'; readonly error: KinesisVideoError };

type Listeners = {
  readonly [K in keyof StreamEvents]?: (...args: StreamEvents[K]) => void;
};

/** Logs and publishes what becomes of one stream. */
export class StreamJournal {
  readonly #name: string;
  readonly #logger: Logger;
  readonly #listeners: Listeners;
  #health: HealthState = 'starting';

  constructor(streamName: string, logger: Logger) {
    this.#name = streamName;
    this.#logger = logger;
    this.#listeners = this.#makeListeners();
  }

  /** Takes an event of the stream. */
  event<K extends keyof StreamEvents>(name: K, ...args: StreamEvents[K]): void {
    // The table's type cannot follow that `args` belong to `name`.
    const listener = this.#listeners[name] as ((...args: unknown[]) => void) | undefined;
    listener?.(...args);
  }

  /** Takes what the upload does. */
  note(note: UploadNote): void {
    if (note.type === 'connection') this.#takeConnection(note);
    else if (note.type === 'retry') this.#takeRetry(note);
    else this.#warn({ code: note.error.code }, note.error.message);
  }

  /** Takes the error that the stream has failed with. */
  failed(error: KinesisVideoError): void {
    const streamName = this.#name;
    this.#logger.error?.(
      { streamName, code: error.code },
      `Stream "${streamName}" has failed: ${error.message}`,
    );
    publish('error', () => ({ streamName, error: summarize(error) }));
  }

  #makeListeners(): Listeners {
    return {
      fragmentAck: (ack) => {
        this.#takeAck(ack);
      },
      droppedFrame: (drop) => {
        this.#takeDrop(drop);
      },
      undelivered: (left) => {
        this.#warn({ ...left }, this.#sentence(`is over with ${left.frames} frames undelivered`));
      },
      storagePressure: ({ remaining }) => {
        this.#press('storagePressure', remaining, `has ${remaining} bytes of the store left`);
      },
      bufferDurationPressure: ({ remaining }) => {
        this.#press('bufferDurationPressure', remaining, `has ${remaining} ms of its buffer left`);
      },
      latencyPressure: ({ duration }) => {
        this.#press('latencyPressure', duration, `is ${duration} ms behind`);
      },
      connectionStale: ({ duration }) => {
        this.#press('connectionStale', duration, `waits ${duration} ms for an acknowledgement`);
      },
      underflow: () => {
        this.#info({}, 'gets no frames, and its open fragment was ended');
      },
      formatChanged: ({ trackId }) => {
        this.#info({ trackId }, `has a new format in track ${trackId}`);
      },
      track: ({ trackId, present }) => {
        const what = present ? 'is back' : 'is silent and left out';
        this.#info({ trackId, present }, `goes on: track ${trackId} ${what}`);
      },
      metadataDropped: ({ items }) => {
        this.#warn({ items }, this.#sentence(`has dropped ${items} items of fragment metadata`));
      },
      health: ({ state }) => {
        if (state === this.#health || state === 'closed' || state === 'failed') return;
        this.#health = state;
        this.#info({ health: state }, `is ${state}`);
      },
      state: (state, previous) => {
        this.#info({ state, previous }, `is ${state}, was ${previous}`);
        publish('state', () => ({ streamName: this.#name, state, previous }));
      },
    };
  }

  #takeAck(ack: FragmentAck): void {
    const streamName = this.#name;
    const which = ack.fragmentNumber === '' ? '' : ` for fragment ${ack.fragmentNumber}`;
    this.#logger.trace?.({ streamName, ...ack }, this.#sentence(`got ${ack.type}${which}`));
    publish('ack', () => ({ streamName, ...ack }));
  }

  #takeDrop(drop: DroppedFrames): void {
    const streamName = this.#name;
    const { frames, fragments, bytes, reason } = drop;
    const what = `${frames} frames, ${fragments} whole fragments, ${bytes} bytes`;
    this.#warn({ ...drop }, this.#sentence(`has dropped ${what}: ${reason}`));
    publish('drop', () => ({ streamName, ...drop }));
  }

  #takeConnection(note: UploadNote & { readonly type: 'connection' }): void {
    const streamName = this.#name;
    const { phase, sessionId, endpoint, duration, error } = note;
    const facts = {
      streamName,
      phase,
      ...(sessionId !== undefined && { sessionId }),
      ...(endpoint !== undefined && { endpoint }),
      ...(duration !== undefined && { duration: Math.round(duration) }),
    };
    const what = { opened: 'open', closed: 'closed', failed: 'not made', rotating: 'replaced' };
    const which = sessionId === undefined ? 'The connection' : `Connection ${sessionId}`;
    const why = error === undefined ? '' : `: ${error.message}`;
    this.#logger.debug?.(
      { ...facts, ...(error !== undefined && { code: error.code }) },
      `${which} of stream "${streamName}" is ${what[phase]}${why}`,
    );
    publish('connection', () => ({
      ...facts,
      ...(error !== undefined && { error: summarize(error) }),
    }));
  }

  #takeRetry({ error, failures, pause }: UploadNote & { readonly type: 'retry' }): void {
    const streamName = this.#name;
    // Of a network error the code tells little.
    const { reason } = error.values;
    this.#warn(
      { code: error.code, ...(reason !== undefined && { reason }), failures, pause },
      `Stream "${streamName}" was disconnected and connects again: ${error.message}`,
    );
    publish('retry', () => ({ streamName, failures, pause, error: summarize(error) }));
  }

  #press(kind: string, value: number, what: string): void {
    this.#warn({ event: kind, value }, this.#sentence(what));
    publish('pressure', () => ({ streamName: this.#name, kind, value }));
  }

  #info(details: object, what: string): void {
    this.#logger.info?.({ streamName: this.#name, ...details }, this.#sentence(what));
  }

  #warn(details: object, message: string): void {
    this.#logger.warn?.({ streamName: this.#name, ...details }, message);
  }

  #sentence(what: string): string {
    return `Stream "${this.#name}" ${what}`;
  }
}

import type { KinesisVideoError } from '../internal/errors.js';
import type { NativeAckEvent, NativeEvent, NativeStream } from '../internal/native.js';
import { toDroppedFrames, toFragmentAck, type EventQueue } from './events.js';
import type { Logger } from '../logging/index.js';
import { ackError, unreadableAckError } from './stream-errors.js';

/** What a pump works with, and what else has to happen for some events. */
export interface EventPumpOptions {
  readonly native: NativeStream;
  readonly streamName: string;
  readonly events: EventQueue;
  readonly logger: Logger;
  /** The service has ended a session for a reason. */
  readonly onErrorAck: (sessionId: number, error: KinesisVideoError) => void;
  /** The service has owed an acknowledgement for so many milliseconds. */
  readonly onStale: (sessionId: number, duration: number) => void;
  /** The open fragment was ended for want of frames. */
  readonly onUnderflow: () => void;
}

/** Takes the events of the core and tells the stream's listeners. */
export class EventPump {
  readonly #options: EventPumpOptions;
  #lastPersistedAt: number | undefined;

  constructor(options: EventPumpOptions) {
    this.#options = options;
  }

  /** When the service last confirmed a stored fragment, in milliseconds since the epoch. */
  get lastPersistedAt(): number | undefined {
    return this.#lastPersistedAt;
  }

  /** Takes all events that there are. */
  drain(): void {
    const { native } = this.#options;
    for (let event = native.pollEvent(); event !== undefined; event = native.pollEvent()) {
      this.#take(event);
    }
  }

  #take(event: NativeEvent): void {
    const { events, onUnderflow } = this.#options;
    switch (event.type) {
      case 'ack':
        this.#takeAck(event);
        return;
      case 'dropped': {
        const drop = toDroppedFrames(event);
        events.push('droppedFrame', drop);
        if (drop.fragments > 0) events.push('droppedFragment', drop);
        return;
      }
      case 'storagePressure':
        events.push('storagePressure', { remaining: event.remaining });
        return;
      case 'bufferPressure':
        events.push('bufferDurationPressure', { remaining: event.remaining });
        return;
      case 'latencyPressure':
        events.push('latencyPressure', { duration: event.duration });
        return;
      case 'stale':
        events.push('connectionStale', { duration: event.duration });
        this.#options.onStale(event.sessionId, event.duration);
        return;
      case 'underflow':
        events.push('underflow');
        onUnderflow();
        return;
      case 'formatChanged':
        events.push('formatChanged', { trackId: event.trackId });
        return;
      case 'track':
        events.push('track', { trackId: event.trackId, present: event.present });
        return;
      case 'metadataDropped':
        events.push('metadataDropped', { items: event.items });
    }
  }

  #takeAck(event: NativeAckEvent): void {
    const { streamName, logger, events, onErrorAck } = this.#options;
    const ack = toFragmentAck(event);
    if (ack === undefined) {
      const { message, code } = unreadableAckError(streamName, event.status);
      logger.warn?.({ streamName, code }, message);
      return;
    }
    if (ack.type === 'PERSISTED') this.#lastPersistedAt = Date.now();
    if (ack.type === 'ERROR') onErrorAck(event.sessionId, ackError(streamName, event));
    events.push('fragmentAck', ack);
  }
}

import type { KinesisVideoError } from '../internal/errors.js';
import type { NativeAckEvent, NativeEvent, NativeStream } from '../internal/native.js';
import {
  toDroppedFrames,
  toFragmentAck,
  type DroppedFrames,
  type EventSink,
  type FragmentAck,
} from './events.js';
import type { UploadNote } from './journal.js';
import { ackError, unreadableAckError } from './stream-errors.js';

/** What a pump works with, and what else has to happen for some events. */
export interface EventPumpOptions {
  readonly native: NativeStream;
  readonly streamName: string;
  readonly events: EventSink;
  readonly onNote: (note: UploadNote) => void;
  /** The service has ended a session for a reason. */
  readonly onErrorAck: (sessionId: number, error: KinesisVideoError) => void;
  /** The service has a fragment, or has stored it. */
  readonly onDelivered: (type: FragmentAck['type']) => void;
  readonly onDropped: (drop: DroppedFrames) => void;
  /** So many milliseconds of media are still to be sent. */
  readonly onLatency: (duration: number) => void;
  /** The service has owed an acknowledgement for so many milliseconds. */
  readonly onStale: (sessionId: number, duration: number) => void;
  /** The open fragment was ended for want of frames. */
  readonly onUnderflow: () => void;
}

/** Takes the events of the core and tells the stream's listeners. */
export class EventPump {
  readonly #options: EventPumpOptions;

  constructor(options: EventPumpOptions) {
    this.#options = options;
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
        this.#options.onDropped(drop);
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
        this.#options.onLatency(event.duration);
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
    const { streamName, onNote, events, onErrorAck, onDelivered } = this.#options;
    const ack = toFragmentAck(event);
    if (ack === undefined) {
      onNote({ type: 'warning', error: unreadableAckError(streamName, event.status) });
      return;
    }
    if (ack.type === 'RECEIVED' || ack.type === 'PERSISTED') onDelivered(ack.type);
    if (ack.type === 'ERROR') onErrorAck(event.sessionId, ackError(streamName, event));
    events.push('fragmentAck', ack);
  }
}

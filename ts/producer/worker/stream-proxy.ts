import type { KinesisVideoError } from '../../internal/errors.js';
import { Signal, type NativeStream } from '../../internal/native.js';
import type { CallMetrics } from '../call-meter.js';
import { EventPump } from '../event-pump.js';
import type { DroppedFrames, StreamEvents, StreamState } from '../events.js';
import type { OutageNotice } from '../outage-notice.js';
import type { ResolvedDefinition } from '../stream-definition.js';
import type { EngineHost } from '../stream-engine.js';
import type { News, StreamCommand, ToWorker } from './messages.js';
import { pack, unpack } from './pack.js';
import { FRAMES_PUT, StreamFlags } from './stream-flags.js';
import type { Engine } from './transport.js';

/** What the engine in the worker has to do with; room is for those who wait in this thread. */
const WORKER_SIGNALS = Signal.EVENTS | Signal.DATA | Signal.ROTATE | Signal.TICK;

/** What a proxy works with. */
export interface StreamProxyParts {
  /** Names the stream between the threads. */
  readonly key: number;
  readonly native: NativeStream;
  readonly definition: ResolvedDefinition;
  readonly host: EngineHost;
  readonly outages: OutageNotice;
  readonly post: (message: ToWorker) => void;
  /** Takes what the worker has posted so far. */
  readonly receive: () => void;
  readonly onCalls: (calls: CallMetrics) => void;
  /** `isBusy` may have changed. */
  readonly onBusy: () => void;
  readonly onDestroyed: () => void;
}

/** How an engine was lost. */
export interface Interruption {
  readonly error: KinesisVideoError;
  /** Workers that were lost in a row, this one included. */
  readonly failures: number;
  /** Milliseconds until the next one. */
  readonly pause: number;
}

/**
 * Stands in a program's thread for the engine of a stream, which runs in the worker: passes on what
 * the stream tells, and tells the stream what the engine does.
 */
export class StreamProxy implements Engine {
  readonly #parts: StreamProxyParts;
  readonly #flags = new StreamFlags();
  #state: StreamState = 'idle';
  #isAwaking = false;
  #isStopping = false;
  #isOver = false;

  constructor(parts: StreamProxyParts) {
    this.#parts = parts;
    this.#flags.isIdle = true;
  }

  /** Whether there is something to be done that a process should not end before. */
  get isBusy(): boolean {
    return this.#isAwaking || this.#state !== 'idle';
  }

  /** Has the worker, which may be a new one, make the engine. */
  attach(isResumed: boolean): void {
    const { key, native, definition, post } = this.#parts;
    post({
      type: 'attach',
      key,
      streamId: native.id(),
      definition: pack(definition),
      flags: this.#flags.buffer,
      isStopping: this.#isStopping,
      isResumed,
    });
  }

  handleSignals(signals: number): void {
    if ((signals & (Signal.EVENTS | Signal.ROOM)) !== 0) this.#parts.host.onRoom();
    this.#leave(signals & WORKER_SIGNALS);
  }

  onPut(): void {
    this.#flags.isGrowing = true;
    if (this.#flags.isIdle) this.#leave(FRAMES_PUT);
  }

  onFragmentEnd(): void {
    this.#flags.isGrowing = false;
    this.#command('fragmentEnd');
  }

  stop(): void {
    this.#flags.isGrowing = false;
    this.#isStopping = true;
    this.#command('stop');
  }

  reset(): void {
    const { key, post, receive } = this.#parts;
    this.#command('reset');
    // Here and now, since what is dropped later must not be told first.
    receive();
    this.#takeEvents((drop) => {
      post({ type: 'dropped', key, drop });
    });
  }

  destroy(): void {
    if (this.#isOver) return;
    const { receive, onDestroyed } = this.#parts;
    this.#command('destroy');
    receive();
    this.#isOver = true;
    this.#flags.close();
    this.#takeEvents(() => undefined);
    onDestroyed();
  }

  /** Takes what the engine tells. */
  deliver(packed: unknown): void {
    for (const item of unpack(packed) as readonly News[]) {
      if (this.#isOver) return;
      this.#take(item);
    }
  }

  /** Takes that all is told that a wake-up has brought about. */
  awake(): void {
    this.#isAwaking = false;
    this.#parts.onBusy();
  }

  /** Takes that the engine is gone with its thread, and will be made anew. */
  interrupt({ error, failures, pause }: Interruption): void {
    const { host } = this.#parts;
    const wasOnline = this.#state === 'streaming';
    this.#isAwaking = false;
    if (wasOnline) host.events.push('disconnected', { error });
    if (this.#state !== 'idle') this.#take(['state', 'retrying']);
    host.onNote({ type: 'retry', error, failures, pause });
  }

  #take(item: News): void {
    const { host, outages, definition, onCalls, onBusy } = this.#parts;
    switch (item[0]) {
      case 'event':
        // The type cannot follow that the arguments belong to the name.
        host.events.push(item[1], ...(item[2] as StreamEvents[(typeof item)[1]] as []));
        return;
      case 'state':
        this.#state = item[1];
        host.onState(item[1]);
        onBusy();
        return;
      case 'room':
        host.onRoom();
        return;
      case 'delivered':
        host.onDelivered(item[1]);
        return;
      case 'note':
        host.onNote(item[1]);
        return;
      case 'outage':
        if (!host.isHeard('disconnected')) outages.tell(definition.streamName, item[1]);
        return;
      case 'calls':
        onCalls(item[1]);
        return;
      case 'drained':
        host.onDrained();
        return;
      case 'fatal':
        host.onFatal(item[1]);
    }
  }

  /** Leaves bits for the engine, and wakes it when they are the first ones. */
  #leave(bits: number): void {
    if (bits === 0 || this.#isOver) return;
    const isFirst = this.#flags.leave(bits);
    // Until the worker says otherwise, the process must not end over what it has to do now.
    const wantsAnswer = !this.isBusy;
    if (!isFirst && !wantsAnswer) return;
    const { key, post, onBusy } = this.#parts;
    post({ type: 'wake', key, wantsAnswer });
    if (!wantsAnswer) return;
    this.#isAwaking = true;
    onBusy();
  }

  #command(type: StreamCommand): void {
    const { key, post } = this.#parts;
    if (!this.#isOver) post({ type, key });
  }

  /** Tells the events of the core that the worker has not taken. */
  #takeEvents(onDropped: (drop: DroppedFrames) => void): void {
    const { native, definition, host } = this.#parts;
    const nothing = (): void => undefined;
    new EventPump({
      native,
      streamName: definition.streamName,
      events: host.events,
      onNote: host.onNote,
      onErrorAck: nothing,
      onDelivered: (type) => {
        host.onDelivered(type === 'PERSISTED' ? Date.now() : undefined);
      },
      onDropped,
      onLatency: nothing,
      onStale: nothing,
      onUnderflow: () => {
        this.onFragmentEnd();
      },
    }).drain();
  }
}

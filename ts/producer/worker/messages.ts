/** What the thread of a program and that of its connections tell each other. */
import type { MessagePort } from 'node:worker_threads';
import type { KinesisVideoError } from '../../internal/errors.js';
import type { ChannelName, LogLevel } from '../../logging/index.js';
import type { CallMetrics } from '../call-meter.js';
import type { DroppedFrames, StreamEvents, StreamState } from '../events.js';
import type { UploadNote } from '../journal.js';

/** `workerData` of the thread. */
export interface ThreadData {
  readonly port: MessagePort;
}

/** How a call has ended; both are packed. */
export type Outcome = { readonly value: unknown } | { readonly error: unknown };

/** A message to the worker. `key` is a stream, `call` a call that is answered; options are packed. */
export type ToWorker =
  | {
      readonly type: 'open';
      readonly call: number;
      readonly clientId: number;
      readonly options: unknown;
      /** The levels that the program's logger has. */
      readonly levels: readonly LogLevel[];
    }
  | {
      readonly type: 'prepare';
      readonly call: number;
      readonly key: number;
      readonly streamName: string;
      readonly definition: unknown;
    }
  | { readonly type: 'abort'; readonly call: number }
  | { readonly type: 'release'; readonly key: number }
  | {
      readonly type: 'attach';
      readonly key: number;
      readonly streamId: number;
      readonly definition: unknown;
      readonly flags: SharedArrayBuffer;
      readonly isStopping: boolean;
      /** Another worker has had the stream before. */
      readonly isResumed: boolean;
    }
  | { readonly type: 'wake'; readonly key: number; readonly wantsAnswer: boolean }
  | { readonly type: StreamCommand; readonly key: number }
  /** The program's thread has taken this event, and its retry callback is to be asked. */
  | { readonly type: 'dropped'; readonly key: number; readonly drop: DroppedFrames }
  | { readonly type: 'answer'; readonly call: number; readonly outcome: Outcome }
  | { readonly type: 'close' };

/** What a stream tells its engine. */
export type StreamCommand = 'fragmentEnd' | 'stop' | 'reset' | 'destroy';

/** A message from the worker. */
export type FromWorker =
  | { readonly type: 'answer'; readonly call: number; readonly outcome: Outcome }
  | { readonly type: 'tagError'; readonly call: number; readonly error: unknown }
  | { readonly type: 'news'; readonly key: number; readonly news: unknown }
  /** What a wake-up has brought about is told. */
  | { readonly type: 'awake'; readonly key: number }
  | {
      readonly type: 'ask';
      readonly call: number;
      readonly id: number;
      readonly args: unknown;
      readonly streamName: string | undefined;
    }
  | {
      readonly type: 'log';
      readonly level: LogLevel;
      readonly details: unknown;
      readonly message: string;
    }
  | { readonly type: 'published'; readonly channel: ChannelName; readonly message: unknown }
  | { readonly type: 'warning'; readonly warning: unknown };

/** What `prepare` is answered with. */
export interface Prepared {
  readonly retention: number;
  readonly calls: CallMetrics;
}

/** One thing that an engine tells its stream, in the order in which it happens. */
export type News =
  | readonly ['event', name: keyof StreamEvents, args: readonly unknown[]]
  | readonly ['state', state: StreamState]
  | readonly ['room']
  | readonly ['delivered', persistedAt: number | undefined]
  | readonly ['note', note: UploadNote]
  | readonly ['outage', error: KinesisVideoError]
  | readonly ['calls', calls: CallMetrics]
  | readonly ['drained']
  | readonly ['fatal', error: KinesisVideoError];

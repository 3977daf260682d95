import type { KinesisVideoError } from '../../internal/errors.js';
import type { NativeStream } from '../../internal/native.js';
import type { CallMetrics } from '../call-meter.js';
import type { ResolvedDefinition } from '../stream-definition.js';
import type { EngineHost } from '../stream-engine.js';

/** Where the connections of a client run: in the thread of the program, or in one of their own. */
export type TransportName = 'main' | 'worker';

/** What a stream tells that which moves it; `StreamEngine` is one. */
export interface Engine {
  /** Does what signals of the core ask for. */
  handleSignals(signals: number): void;
  /** Tells that a frame was taken. */
  onPut(): void;
  /** Tells that the fragment at hand has ended, so that what is left can be delivered. */
  onFragmentEnd(): void;
  /** Tells that the core was stopped. */
  stop(): void;
  /** Tells that the core has ended all sessions. */
  reset(): void;
  /** Ends everything, after the events so far. */
  destroy(): void;
}

/** What a client has of the service, and what moves its streams. */
export interface Transport {
  /** The part of one stream. It is to be released when the stream has ended, or was not made. */
  forStream(streamName: string): StreamTransport;
  /** Ends calls in flight and gives everything back. */
  close(): void;
}

/** What one stream has of the service, and what moves it. */
export interface StreamTransport {
  /** Measures the calls for the stream. */
  readonly calls: { readonly metrics: CallMetrics };
  /**
   * Makes sure that the stream exists and that its data endpoint is known.
   *
   * @param options.onTagError - takes the error of a failed tagging, which is no reason to fail
   * @returns hours that the service keeps its media
   */
  prepareStream(
    definition: ResolvedDefinition,
    options: { signal: AbortSignal; onTagError: (error: KinesisVideoError) => void },
  ): Promise<number>;
  makeEngine(native: NativeStream, definition: ResolvedDefinition, host: EngineHost): Engine;
  /** Gives back what was there for this stream alone. Idempotent. */
  release(): void;
}

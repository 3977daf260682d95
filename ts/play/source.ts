import type { Readable } from 'node:stream';
import type { FragmentRow, SessionRequest } from './protocol.js';

/** Where media are read from: now, or from a moment by the clock of the producer, or after a fragment. */
export type MediaStart =
  'now' | 'earliest' | { readonly producerTime: number } | { readonly afterFragment: string };

/** The stream that is played. What it rejects with are KinesisVideoErrors, or the signal's reason. */
export interface PlaySource {
  /** What GetMedia sends; whoever destroys it ends the call. */
  getMedia(start: MediaStart, signal: AbortSignal): Promise<Readable>;
  /** The fragments that begin in a range of time by the clock of the producer, in order. */
  listFragments(start: number, end: number, signal: AbortSignal): Promise<FragmentRow[]>;
  /** The URL of a playback session. */
  openSession(request: SessionRequest, signal: AbortSignal): Promise<string>;
  /** Ends all calls. */
  close(): void;
}

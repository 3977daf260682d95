import type { When } from '../playback.js';

/** What a player library is given. */
export interface PlayerContext {
  readonly video: HTMLVideoElement;
  /** What it plays: a playlist or a manifest. */
  readonly url: string;
  readonly when: When;
  /** Called with what it cannot go on after. */
  readonly onError: (text: string) => void;
  /** Called at the end of a range by a library that does not leave it to the video element to tell. */
  readonly onEnded: () => void;
  /** Bytes of media have been loaded. */
  readonly onBytes: (bytes: number) => void;
}

/** A player library at work. */
export interface AttachedPlayer {
  /** When what is at the current position was put, in epoch milliseconds. */
  producerTime(): number | undefined;
  /** Jumps to the newest that it would play. */
  goLive(): void;
  destroy(): void;
}

/** Loads a library and gives it something to play. */
export type AttachPlayer = (context: PlayerContext) => Promise<AttachedPlayer>;

/** Jumps close to the end of what can be reached, for libraries without a way of their own. */
export function seekToEnd(video: HTMLVideoElement, distance: number): void {
  const { seekable } = video;
  if (seekable.length > 0) {
    video.currentTime = Math.max(seekable.start(0), seekable.end(seekable.length - 1) - distance);
  }
}

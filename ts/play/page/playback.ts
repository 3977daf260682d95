import type {
  FragmentEnd,
  FragmentHeader,
  MatroskaFrame,
  MatroskaTrack,
} from '../../parser/index.js';

/** What a playback is doing. */
export type PlaybackState = 'connecting' | 'waiting' | 'playing' | 'paused' | 'ended' | 'failed';

/** What a playback tells. */
export interface PlaybackEvents {
  /** It has changed; `text` says more, in a sentence. */
  state(state: PlaybackState, text?: string): void;
  /** A frame is on the screen that was put at `time` (epoch ms, undefined when not known). */
  shown(time: number | undefined): void;
  /** Frames were left out, to be on time. */
  skipped(frames: number): void;
  /** Bytes of media have come. */
  received(bytes: number): void;
  /** The size and the codecs of what is played, such as `640 × 360, H.264`. */
  picture(text: string): void;
  /** A fragment has begun; this and what follows only where GetMedia is read. */
  fragment(header: FragmentHeader): void;
  /** The next frame of the fragment has come. */
  frame(frame: MatroskaFrame): void;
  /** All of the fragment has come. */
  fragmentEnd(end: FragmentEnd): void;
}

/** What is to be played. */
export type When =
  { readonly live: true } | { readonly live: false; readonly start: number; readonly end: number };

/** One way of playing, from its start until it is destroyed. */
export interface Playback {
  /** Whether it can be made to sound. */
  readonly hasSound: boolean;
  play(): void;
  pause(): void;
  setMuted(isMuted: boolean): void;
  /** Jumps to the newest. */
  goLive(): void;
  destroy(): void;
}

/** A description of tracks for people. */
export function describeTracks(
  tracks: readonly MatroskaTrack[],
  nameOf: (codecId: string) => string,
): string {
  const video = tracks.find(({ type }) => type === 'video')?.video;
  const size = video === undefined || video.width === 0 ? [] : [`${video.width} × ${video.height}`];
  return [...size, ...tracks.map(({ codecId }) => nameOf(codecId))].join(', ');
}

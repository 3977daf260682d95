import type { MatroskaFrame, MatroskaTrack } from '../../../parser/index.js';

/** Puts frames onto the screen. */
export interface Sink {
  /** Whether it plays sound too. */
  readonly hasSound: boolean;
  /** Frames will come of these tracks. Throws PageError when the browser cannot play them. */
  configure(tracks: readonly MatroskaTrack[]): Promise<void>;
  /** Takes the next frame. */
  put(frame: MatroskaFrame): void;
  /** Resolves when it is worth reading on; at once when what has come is not much. */
  ready(): Promise<void>;
  /** Time stands still, or goes on. */
  setPaused(isPaused: boolean): void;
  setMuted(isMuted: boolean): void;
  /** What comes next does not continue what came before. */
  restart(): void;
  /** Resolves when all that was put has been shown. */
  drained(): Promise<void>;
  destroy(): void;
}

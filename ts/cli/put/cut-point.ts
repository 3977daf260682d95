import type { MediaPacket, MediaTrack } from '../../ingest/index.js';

/** How long a source may take (ms) to give what the last fragment lacks. */
const GRACE = 1000;

/**
 * Where an upload may be cut short. The service refuses a fragment in which a track has no frames
 * (error 4011), so that media go on for a moment when a fragment has just begun.
 */
export class CutPoint {
  readonly #tracks: readonly MediaTrack[];
  readonly #hasVideo: boolean;
  readonly #missing = new Set<number>();

  constructor(tracks: readonly MediaTrack[]) {
    this.#tracks = tracks;
    this.#hasVideo = tracks.some(({ trackType }) => trackType === 'video');
  }

  /** Whether what has been taken so far can stand as it is. */
  get isHere(): boolean {
    return this.#missing.size === 0;
  }

  /** Takes a packet that was put. A fragment may begin at every key frame of the video. */
  add({ trackId, keyFrame }: MediaPacket): void {
    const track = this.#tracks.find((known) => known.trackId === trackId);
    if (this.#hasVideo && track?.trackType === 'video' && keyFrame) {
      for (const other of this.#tracks) this.#missing.add(other.trackId);
    }
    this.#missing.delete(trackId);
  }

  /**
   * Calls `cut` after `signal`, once, when that may be done: at once, or when time is up. Whoever
   * adds packets looks at `isHere` meanwhile. Returns what ends the waiting.
   */
  onRequest(signal: AbortSignal, cut: () => void): () => void {
    let timer: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      if (this.isHere) cut();
      else timer = setTimeout(cut, GRACE);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    return () => {
      signal.removeEventListener('abort', onAbort);
      clearTimeout(timer);
    };
  }
}

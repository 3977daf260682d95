import { MuxError } from './errors.js';
import type { MatroskaFrame } from './fragment.js';
import type { MuxTrack } from './track.js';

/**
 * The NAL units of a frame that stores each behind its length (ISO/IEC 14496-15 clause 5.3.3).
 * Throws MuxError INVALID_FRAME when they do not fill the frame.
 */
export function* nalUnits(frame: Uint8Array, lengthSize: number): Generator<Uint8Array> {
  let at = 0;
  while (at < frame.length) {
    const start = at + lengthSize;
    let length = 0;
    for (; at < start; at += 1) length = length * 256 + (frame[at] ?? 0);
    const end = start + length;
    if (end > frame.length) {
      throw new MuxError(
        'INVALID_FRAME',
        `A NAL unit claims ${length} bytes where its frame of ${frame.length} bytes has ${Math.max(0, frame.length - start)} left`,
      );
    }
    if (length > 0) yield frame.subarray(start, end);
    at = end;
  }
}

/** Throws MuxError INVALID_FRAME unless every frame is made of whole NAL units, where it has any. */
export function requireWholeFrames(track: MuxTrack, frames: readonly MatroskaFrame[]): void {
  if (track.type !== 'video') return;
  for (const { data } of frames) {
    const count = [...nalUnits(data, track.parameterSets.lengthSize)].length;
    if (count === 0) {
      throw new MuxError('INVALID_FRAME', `A frame of track ${track.id} has no NAL unit`);
    }
  }
}

/** Samples: the frames of a track, and where they lie. */

import { BoxError } from './box.js';

/** A fragment holds at most 50 MB, so no larger frame could be sent. */
const MAX_SAMPLE_BYTES = 64 * 1024 * 1024;

/** One frame. Times are in units of the track's time scale, before any edit list. */
export interface Sample {
  /** Position of its bytes in the file. */
  readonly offset: number;
  readonly size: number;
  readonly decodingTime: number;
  readonly presentationTime: number;
  readonly duration: number;
  readonly keyFrame: boolean;
}

/** Gives samples one by one, in decoding order, without a list of them all. */
export interface SampleCursor {
  /** The sample at the cursor; undefined behind the last one. */
  readonly current: Sample | undefined;
  /** Goes to the next sample. */
  advance(): void;
}

/** Throws BoxError for a sample that is too large to be one, before memory is set aside for it. */
export function checkSize({ size, offset }: Sample): void {
  if (size > MAX_SAMPLE_BYTES) {
    throw new BoxError(`the sample at byte ${offset} claims ${size} bytes`);
  }
}

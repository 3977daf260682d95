/** What the access unit splitter needs to know about a NAL unit, whichever the codec. */

/** Properties of the video that its parameter sets tell. */
export interface SequenceInfo {
  /** Pixels of the shown picture. */
  readonly width: number;
  readonly height: number;
  /** Frames a second, when told. */
  readonly frameRate: number | undefined;
  /** How many pictures can precede a picture in decoding and follow it in output, when told. */
  readonly reorderDepth: number | undefined;
  /** A bound of the depth for when it is not told. */
  readonly maxReorderDepth: number;
}

/** A picture that begins with a NAL unit. */
export interface Picture {
  /** Whether decoding can start here: IDR or recovery point of H.264, IRAP of H.265. */
  readonly keyFrame: boolean;
  /** Whether all pictures before it are output before it and its followers. */
  readonly startsSequence: boolean;
  /** Picture order count; undefined when the parameter sets have not been seen. */
  readonly orderCount: number | undefined;
  /** What its parameter sets tell; undefined when they have not been seen. */
  readonly sequence: SequenceInfo | undefined;
}

/**
 * The part of a NAL unit in its access unit:
 * - `prefix`: begins one when a picture lies before it;
 * - `slice`: goes on with the picture;
 * - `other`: belongs where it stands;
 * - a Picture: the first slice of it.
 */
export type NalRole = 'prefix' | 'slice' | 'other' | Picture;

/** A codec's view of NAL units, fed in stream order. */
export interface NalSyntax {
  /** Bytes of the NAL unit header. */
  readonly headerBytes: number;
  /** Whether `read` needs the whole NAL unit, given its first byte, and not only its beginning. */
  needsWhole(firstByte: number): boolean;
  /** Takes the next NAL unit, from its header on, cut after 64 bytes or later. */
  read(nal: Uint8Array): NalRole;
}

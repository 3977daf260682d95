/** Made-up H.264 for tests of the producer: sound in form, with nothing to see. */
import type { Frame, StreamDefinition } from '../../../ts/index.js';

/** Times of the tests start here, so that they do not depend on the clock. */
export const START = 1_700_000_000_000;

/** avcC with a baseline SPS of 16x16 pixels and a PPS. */
const AVCC = Buffer.from('0142c01effe1000a6742c01ed9003c22114001000468ce3c80', 'hex');

export const VIDEO_TRACK = { codec: 'h264', codecPrivateData: AVCC, width: 16, height: 16 };

/** A definition for `frames()`. */
export function definition(changes: Partial<StreamDefinition> = {}): StreamDefinition {
  return { streamName: 'cam', tracks: [VIDEO_TRACK], ...changes };
}

/** What `frames` makes. */
export interface FramesOptions {
  readonly count: number;
  /** Frames from one key frame to the next. Default 10. */
  readonly gop?: number;
  /** Bytes of a frame. Default 1000. */
  readonly size?: number;
  /** Milliseconds between frames. Default 100, so that a fragment is one second. */
  readonly interval?: number;
  /** Time of the first frame. Default `START`. */
  readonly start?: number;
}

/** Frames with four bytes of length before one NAL unit. */
export function frames(options: FramesOptions): Frame[] {
  const { count, gop = 10, size = 1000, interval = 100, start = START } = options;
  return Array.from({ length: count }, (_, index) => {
    const keyFrame = index % gop === 0;
    const data = Buffer.alloc(size, 0x80 + (index % 0x7f));
    data.writeUInt32BE(size - 4, 0);
    data[4] = keyFrame ? 0x65 : 0x41;
    return { data, keyFrame, presentationTs: start + index * interval, duration: interval };
  });
}

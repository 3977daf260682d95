/**
 * Writing media that was read from Matroska into other containers. Runs in browsers too: nothing in
 * this folder needs Node.js.
 */
export { DecodeClock, type StampedPacket, type TimedPacket } from '../codec/decode-clock.js';
export { MuxError, type MuxErrorCode } from './errors.js';
export {
  framesOf,
  readFragment,
  readFragmentHeader,
  type FragmentHeader,
  type MatroskaFragment,
  type MatroskaFrame,
} from './fragment.js';
export { initSegment, mediaSegment, mediaTypeOf } from './mp4/fragmented.js';
export { progressiveMovie } from './mp4/progressive.js';
export { requireTransportable } from './mpeg-ts/elementary.js';
export { transportSegment } from './mpeg-ts/segment.js';
export { requireWholeFrames } from './nal-units.js';
export { samplesOf, trackSpan, type MuxSample, type TrackSamples } from './samples.js';
export { Timescale } from './timescale.js';
export {
  describeTrack,
  muxCodecOf,
  type AudioTrack,
  type MuxCodec,
  type MuxTrack,
  type VideoTrack,
} from './track.js';

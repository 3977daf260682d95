/**
 * Reading media: files, pipes and elementary streams in, packets in sending order out.
 *
 * @packageDocumentation
 */
export { openMedia } from './open.js';
export type {
  MediaFormat,
  MediaInput,
  MediaPacket,
  MediaTrack,
  OpenMediaOptions,
  SkippedTrack,
  TrackSelection,
} from './types.js';

/**
 * Reading streams of Kinesis Video Streams back.
 *
 * @packageDocumentation
 */
export { ArchivedFragment } from './archive/archived-fragment.js';
export type { MediaClip } from './archive/clip.js';
export type { GetImagesOptions, StreamImage } from './archive/images.js';
export type { FragmentInfo, ListFragmentsOptions } from './archive/list-fragments.js';
export type { MissingFragment } from './archive/part-reader.js';
export type { GetFragmentsOptions } from './archive/read-range.js';
export type { FragmentSelectorType, StreamCallOptions, TimeRange, Timestamp } from './checks.js';
export { KinesisVideoConsumer, type KinesisVideoConsumerOptions } from './consumer.js';
export type { GapEdge, MediaGap } from './live/gap.js';
export type { GetMediaOptions, LiveFragment } from './live/get-media.js';
export type { MediaStart } from './live/start.js';
export {
  PlaybackSession,
  type PlaybackSessionEvents,
  type RenewalOptions,
} from './playback/playback-session.js';
export type {
  DashSessionOptions,
  HlsSessionOptions,
  PlaybackMode,
  SessionOptions,
} from './playback/session-options.js';
export type { PlaybackUrl } from './playback/session-url.js';
export type {
  Credentials,
  CredentialsInput,
  CredentialsProvider,
  IotCertificateOptions,
} from '../credentials/index.js';
export { KinesisVideoError, type KinesisVideoErrorOptions } from '../internal/errors.js';
export { Status, type StatusName } from '../internal/status.js';
export type { LogDetails, Logger, LogMethod } from '../logging/index.js';
export type { AddressFamily, CertificateAuthority, ProxyOption } from '../network/index.js';
export type {
  FragmentEnd,
  FragmentError,
  FragmentEvent,
  FragmentHeader,
  FragmentState,
  FragmentTag,
  MatroskaFrame,
  MatroskaTrack,
  MediaFragment,
  SegmentInfo,
} from '../parser/index.js';
export type { ServiceOptions } from '../service/service-options.js';

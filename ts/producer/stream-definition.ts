import {
  boolean,
  bytes,
  expected,
  number,
  oneOf,
  optional,
  resolveOptions,
  string,
  type Resolved,
} from '../internal/options.js';
import { KinesisVideoError } from '../internal/errors.js';
import { kInOrder } from '../internal/symbols.js';
import { checkNalFlags, NalAdaptationFlags } from './nal-flags.js';
import { checkTags } from './stream-tags.js';
import { resolveTrack, type ResolvedTrack, type TrackInfo } from './track-info.js';

/** What to stream, and how. Only `streamName` has to be given. Durations are milliseconds. */
export interface StreamDefinition {
  /** 1 to 256 letters, digits and `_ . -`. */
  readonly streamName: string;
  /** Create the stream when it does not exist. Default true. */
  readonly allowStreamCreation?: boolean | undefined;
  /** Hours that the service keeps the media of a stream that is created: 0, or 1 to 87600. Default 24. */
  readonly retentionPeriod?: number | undefined;
  /** Tags of the stream: at most 50, names up to 128 and values up to 256 characters. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Id, ARN or alias of the key that encrypts a stream that is created; the service's own by default. */
  readonly kmsKeyId?: string | undefined;
  /** 1 to 128 letters, digits and `_ . -`; stored with a stream that is created. */
  readonly deviceName?: string | undefined;
  /** Media type of a stream that is created, such as `video/h264,audio/aac`. Follows from `tracks`. */
  readonly contentType?: string | undefined;
  /** At most 3. Default: one H.264 video track with trackId 1. */
  readonly tracks?: readonly TrackInfo[] | undefined;
  /**
   * What happens to a frame for which there is no room, and to what a lost connection left behind: a
   * `realtime` stream drops its oldest fragments, and sends again no more than `replayDuration`;
   * `near-realtime` does the same but sends again all that was not confirmed, however old, and has no
   * latency pressure; an `offline` stream refuses the frame, and `put` waits. Default `realtime`.
   */
  readonly streamingType?: 'realtime' | 'near-realtime' | 'offline' | undefined;
  /**
   * Bytes still to be sent above which an offline stream has no room, so that a source faster than
   * the network fills neither the store nor the memory. Default 8 MiB.
   */
  readonly highWaterMark?: number | undefined;
  /** Whether a stream that is not offline makes room in a full store or fails the frame. Default `drop-oldest`. */
  readonly storePressurePolicy?: 'drop-oldest' | 'fail' | undefined;
  /** How much media a stream that is not offline keeps for later, at least 1000. Default 120000. */
  readonly bufferDuration?: number | undefined;
  /**
   * How far back a realtime stream goes after a lost connection; what is older is dropped. 0 goes back
   * to the fragment that was being sent. Default: all of `bufferDuration`.
   */
  readonly replayDuration?: number | undefined;
  /**
   * Which acknowledgement ends the need to send a fragment again: that it is stored, or that it was
   * received, when the end of the connection shows that the service lives on. Default `persisted`.
   */
  readonly replayPoint?: 'persisted' | 'received' | undefined;
  /** Media still to be sent above which `latencyPressure` tells so; 0, the default, never does. */
  readonly maxLatency?: number | undefined;
  /**
   * After so long without a frame the open fragment is ended, so that the service stores it and the
   * connection may rest; the next key frame goes on, and what comes before it is dropped. 0 never does.
   * Default 20000, and 0 for an offline stream, which drops nothing.
   */
  readonly idleTimeout?: number | undefined;
  /** Frames that the stream can hold, more than 10. Default: what `bufferDuration` needs. */
  readonly maxFrames?: number | undefined;
  /** Each video key frame opens a fragment; otherwise the first one after `fragmentDuration`. Default true. */
  readonly keyFrameFragmentation?: boolean | undefined;
  /**
   * 1000 to 30000; where fragments of streams without video are cut. The service refuses those of more
   * than 20000. Default 2000.
   */
  readonly fragmentDuration?: number | undefined;
  /**
   * How frames of several tracks, put in any interleaving, are brought into order. `multi-track` by
   * decoding time; `dts` and `pts` by that time too, where of two frames at one time the second is
   * moved by one unit of `timecodeScale`; `dts-eofr` and `pts-eofr` the same with `endFragment()`,
   * which those refuse. `pass-through` takes them as they come. Default: `multi-track` for several
   * tracks, `pass-through` for one, and for those of one `openMedia`, whose packets are in order.
   */
  readonly frameOrder?: FrameOrder | undefined;
  /**
   * How long a frame waits for those of other tracks until it goes without, 10 to 30000. With `put` a
   * track of an offline stream gets no further ahead of the others than half of it. Default 1000.
   */
  readonly orderWindow?: number | undefined;
  /**
   * Frames carry the times that they are given; false gives them the time of their put, mended where
   * the clock was set, unless `timestampPolicy` is `drop`. Default true.
   */
  readonly frameTimecodes?: boolean | undefined;
  /**
   * What happens to a frame whose times cannot go out as they are, such as decoding times that run
   * backwards: the put throws; the frame is dropped, and told; or its times are mended, also after a
   * clock was set or has wrapped, and it is dropped only where that cannot be. Default `throw`.
   */
  readonly timestampPolicy?: 'throw' | 'drop' | 'fix' | undefined;
  /** Timecodes of fragments count from the epoch and not from the start of the upload. Default true. */
  readonly absoluteFragmentTimes?: boolean | undefined;
  /** The service acknowledges fragments. Without it a fragment is forgotten once sent. Default true. */
  readonly fragmentAcks?: boolean | undefined;
  /** Unit of the timecodes, 0.0001 to 1000. Default 1. */
  readonly timecodeScale?: number | undefined;
  /** Default `ANNEXB_NALS | ANNEXB_CPD_NALS`, which also lets through what needs no rewriting. */
  readonly nalAdaptationFlags?: number | undefined;
  /** Connect again after the connection or a fragment failed; otherwise the stream fails. Default true. */
  readonly restartOnError?: boolean | undefined;
  /** How long the service may leave what was sent without an answer until the connection is given up. Default 30000. */
  readonly connectionStaleness?: number | undefined;
  /** The 16 bytes of the Matroska SegmentUID. Default random. */
  readonly segmentUuid?: Uint8Array | undefined;
}

/** How frames of several tracks are brought into order, as the core numbers them. */
export const FRAME_ORDERS = [
  'pass-through',
  'multi-track',
  'dts',
  'pts',
  'dts-eofr',
  'pts-eofr',
] as const;

/** See `frameOrder` of StreamDefinition. */
export type FrameOrder = (typeof FRAME_ORDERS)[number];

/** A definition with everything set. */
export type ResolvedDefinition = Resolved<typeof SHAPE> & {
  readonly contentType: string;
  readonly replayDuration: number;
  readonly idleTimeout: number;
  readonly frameOrder: FrameOrder;
};

const MAX_TRACKS = 3;
const MAX_RETENTION_HOURS = 87_600;
const DAY = 86_400_000;
const MIN_FRAMES = 11;
const IDLE_TIMEOUT = 20_000;
const MAX_FRAMES = 1_000_000;

const NAME = /^[a-zA-Z0-9_.-]+$/;
const MEDIA_TYPE = /^[\w\-.+]+\/[\w\-.+]+(,[\w\-.+]+\/[\w\-.+]+)*$/;

const SHAPE = {
  streamName: string(
    '1 to 256 letters, digits and _ . -',
    (text) => text.length <= 256 && NAME.test(text),
    'STATUS_INVALID_STREAM_NAME_LENGTH',
  ),
  allowStreamCreation: optional(boolean, true),
  retentionPeriod: optional(
    number(
      { min: 0, max: MAX_RETENTION_HOURS, unit: 'hours', whole: true },
      'STATUS_INVALID_RETENTION_PERIOD',
    ),
    24,
  ),
  tags: optional(checkTags, Object.freeze<Record<string, string>>({})),
  kmsKeyId: optional(
    string('1 to 2048 characters', (text) => text.length >= 1 && text.length <= 2048),
  ),
  deviceName: optional(
    string(
      '1 to 128 letters, digits and _ . -',
      (text) => text.length <= 128 && NAME.test(text),
      'STATUS_INVALID_DEVICE_NAME_LENGTH',
    ),
  ),
  contentType: optional(
    string(
      'at most 128 characters like "video/h264,audio/aac"',
      (text) => text.length <= 128 && MEDIA_TYPE.test(text),
      'STATUS_MKV_INVALID_CONTENT_TYPE_LENGTH',
    ),
  ),
  tracks: checkTracks,
  streamingType: optional(oneOf('realtime', 'near-realtime', 'offline'), 'realtime' as const),
  highWaterMark: optional(
    number({ min: 1, max: 4 * 1024 ** 3 - 1, unit: 'bytes', whole: true }),
    8 * 1024 * 1024,
  ),
  storePressurePolicy: optional(oneOf('drop-oldest', 'fail'), 'drop-oldest' as const),
  bufferDuration: optional(
    number(
      { min: 1000, max: 30 * DAY, unit: 'milliseconds' },
      'STATUS_INVALID_CONTENT_VIEW_DURATION',
    ),
    120_000,
  ),
  replayDuration: optional(number({ min: 0, max: 30 * DAY, unit: 'milliseconds' })),
  replayPoint: optional(oneOf('persisted', 'received'), 'persisted' as const),
  maxLatency: optional(number({ min: 0, max: 30 * DAY, unit: 'milliseconds' }), 0),
  idleTimeout: optional(number({ min: 0, max: DAY, unit: 'milliseconds' })),
  maxFrames: optional(
    number(
      { min: MIN_FRAMES, max: MAX_FRAMES, unit: 'frames', whole: true },
      'STATUS_MIN_CONTENT_VIEW_ITEMS',
    ),
    0,
  ),
  keyFrameFragmentation: optional(boolean, true),
  fragmentDuration: optional(
    number({ min: 1000, max: 30_000, unit: 'milliseconds' }, 'STATUS_MKV_INVALID_CLUSTER_DURATION'),
    2000,
  ),
  frameOrder: optional(oneOf(...FRAME_ORDERS)),
  orderWindow: optional(number({ min: 10, max: 30_000, unit: 'milliseconds' }), 1000),
  frameTimecodes: optional(boolean, true),
  timestampPolicy: optional(oneOf('throw', 'drop', 'fix'), 'throw' as const),
  absoluteFragmentTimes: optional(boolean, true),
  fragmentAcks: optional(boolean, true),
  timecodeScale: optional(
    number({ min: 0.0001, max: 1000, unit: 'milliseconds' }, 'STATUS_MKV_INVALID_TIMECODE_SCALE'),
    1,
  ),
  nalAdaptationFlags: optional(
    checkNalFlags,
    NalAdaptationFlags.ANNEXB_NALS | NalAdaptationFlags.ANNEXB_CPD_NALS,
  ),
  restartOnError: optional(boolean, true),
  connectionStaleness: optional(number({ min: 1000, max: DAY, unit: 'milliseconds' }), 30_000),
  segmentUuid: optional(
    bytes(
      'a Uint8Array of 16 bytes',
      (value) => value.byteLength === 16,
      'STATUS_MKV_INVALID_SEGMENT_UUID',
    ),
  ),
};

/**
 * Checks a definition and sets everything that was left out.
 *
 * @throws KinesisVideoError for an unknown key or a value that the service or the format refuses
 */
export function resolveDefinition(input: StreamDefinition): ResolvedDefinition {
  const definition = resolveOptions('the stream definition', SHAPE, input);
  if (definition.streamingType === 'offline') checkOffline(definition);
  const { tracks, bufferDuration, streamingType } = definition;
  return Object.freeze({
    ...definition,
    contentType: definition.contentType ?? tracks.map((track) => track.mediaType).join(','),
    replayDuration: definition.replayDuration ?? bufferDuration,
    idleTimeout: definition.idleTimeout ?? (streamingType === 'offline' ? 0 : IDLE_TIMEOUT),
    frameOrder: definition.frameOrder ?? defaultOrder(input.tracks ?? []),
  });
}

/** Sources that know nothing of each other have to be brought into order; `openMedia` has done so. */
function defaultOrder(tracks: readonly TrackInfo[]): FrameOrder {
  const orders = new Set(tracks.map((track) => (track as { [kInOrder]?: symbol })[kInOrder]));
  const isInOrder = orders.size <= 1 && !orders.has(undefined);
  return tracks.length > 1 && !isInOrder ? 'multi-track' : 'pass-through';
}

/** An offline stream keeps each frame until the service has stored it, and must be told so. */
function checkOffline({ retentionPeriod, fragmentAcks }: Resolved<typeof SHAPE>): void {
  if (retentionPeriod > 0 && fragmentAcks) return;
  const [name, value] = fragmentAcks ? ['retentionPeriod', 0] : ['fragmentAcks', false];
  throw offlineNeeds(name, value);
}

/** The error for an offline stream whose frames nobody would confirm. */
export function offlineNeeds(name: string, value: unknown): KinesisVideoError {
  const advice = "give it a retention period and fragmentAcks, or use streamingType: 'realtime'";
  return new KinesisVideoError(
    'STATUS_OFFLINE_MODE_WITH_ZERO_RETENTION',
    `An offline stream needs the service to store its fragments and say so, but ${name} is ${String(value)}: ${advice}.`,
    { values: { [name]: value }, advice },
  );
}

function checkTracks(value: unknown, name: string): readonly ResolvedTrack[] {
  const input: unknown = value ?? [{ codec: 'h264' }];
  if (!Array.isArray(input) || input.length === 0) {
    throw expected('an array of 1 to 3 tracks', name, value, 'STATUS_TRACK_INFO_MISSING');
  }
  if (input.length > MAX_TRACKS) {
    throw expected('at most 3 tracks', name, value, 'STATUS_MAX_TRACK_COUNT_EXCEEDED');
  }
  const tracks = input.map((item, index) => resolveTrack(item, `${name}[${index}]`));
  tracks.forEach((track, index) => {
    if (tracks.findIndex(({ trackId }) => trackId === track.trackId) === index) return;
    throw expected(
      'a trackId that no other track has',
      `${name}[${index}].trackId`,
      track.trackId,
      'STATUS_DUPLICATE_TRACK_ID_FOUND',
    );
  });
  return Object.freeze(tracks);
}

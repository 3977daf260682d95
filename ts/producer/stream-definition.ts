import {
  boolean,
  bytes,
  expected,
  number,
  oneOf,
  optional,
  resolveOptions,
  rule,
  string,
  type Check,
  type Resolved,
} from '../internal/options.js';
import { KinesisVideoError } from '../internal/errors.js';
import { resolveTrack, type ResolvedTrack, type TrackInfo } from './track-info.js';

/** How NAL units of H.264 and H.265 are rewritten on the way in; bits to combine with `|`. */
export const NalAdaptationFlags = {
  /** Frames and codec private data are sent as they come. */
  NONE: 0,
  /** Annex-B start codes in frames become lengths. Frames that have lengths already pass as they are. */
  ANNEXB_NALS: 8,
  /** Lengths in frames become Annex-B start codes. */
  AVCC_NALS: 16,
  /** Annex-B parameter sets given as codec private data become avcC or hvcC. */
  ANNEXB_CPD_NALS: 32,
} as const;

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
   * What happens to a frame for which there is no room: a `realtime` stream drops its oldest
   * fragments, an `offline` stream refuses the frame, and `put` waits. Default `realtime`.
   */
  readonly streamingType?: 'realtime' | 'offline' | undefined;
  /**
   * Bytes still to be sent above which an offline stream has no room, so that a source faster than
   * the network fills neither the store nor the memory. Default 8 MiB.
   */
  readonly highWaterMark?: number | undefined;
  /** Whether a realtime stream makes room in a full store or fails the frame. Default `drop-oldest`. */
  readonly storePressurePolicy?: 'drop-oldest' | 'fail' | undefined;
  /** How much media a realtime stream keeps for later, at least 1000. Default 120000. */
  readonly bufferDuration?: number | undefined;
  /** Each video key frame opens a fragment; otherwise the first one after `fragmentDuration`. Default true. */
  readonly keyFrameFragmentation?: boolean | undefined;
  /** 1000 to 30000; where fragments of streams without video are cut. Default 2000. */
  readonly fragmentDuration?: number | undefined;
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

/** A definition with everything set. */
export type ResolvedDefinition = Resolved<typeof SHAPE> & { readonly contentType: string };

const MAX_TRACKS = 3;
const MAX_TAGS = 50;
const MAX_RETENTION_HOURS = 87_600;
const DAY = 86_400_000;

const NAME = /^[a-zA-Z0-9_.-]+$/;
const MEDIA_TYPE = /^[\w\-.+]+\/[\w\-.+]+(,[\w\-.+]+\/[\w\-.+]+)*$/;
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const ALL_NAL_FLAGS =
  NalAdaptationFlags.ANNEXB_NALS |
  NalAdaptationFlags.AVCC_NALS |
  NalAdaptationFlags.ANNEXB_CPD_NALS;
const BOTH_FRAME_FLAGS = NalAdaptationFlags.ANNEXB_NALS | NalAdaptationFlags.AVCC_NALS;

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
  streamingType: optional(oneOf('realtime', 'offline'), 'realtime' as const),
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
  keyFrameFragmentation: optional(boolean, true),
  fragmentDuration: optional(
    number({ min: 1000, max: 30_000, unit: 'milliseconds' }, 'STATUS_MKV_INVALID_CLUSTER_DURATION'),
    2000,
  ),
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
  const contentType =
    definition.contentType ?? definition.tracks.map((track) => track.mediaType).join(',');
  return Object.freeze({ ...definition, contentType });
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

function checkNalFlags(value: unknown, name: string): number {
  const known = rule<number>(
    'bits of NalAdaptationFlags',
    (flags) => Number.isInteger(flags) && ((flags as number) & ~ALL_NAL_FLAGS) === 0,
  );
  const flags = known(value, name);
  if ((flags & BOTH_FRAME_FLAGS) !== BOTH_FRAME_FLAGS) return flags;
  throw expected(
    'ANNEXB_NALS or AVCC_NALS, not both,',
    name,
    flags,
    'STATUS_MKV_BOTH_ANNEXB_AND_AVCC_SPECIFIED',
  );
}

const checkTagName: Check<string> = string(
  '1 to 128 letters, digits, spaces and _ . : / = + - @, not beginning with "aws:",',
  (text) => text.length >= 1 && text.length <= 128 && TAG_TEXT.test(text) && !/^aws:/i.test(text),
  'STATUS_INVALID_TAG_NAME_LEN',
);
const checkTagValue: Check<string> = string(
  'at most 256 letters, digits, spaces and _ . : / = + - @',
  (text) => text.length <= 256 && TAG_TEXT.test(text),
  'STATUS_INVALID_TAG_VALUE_LEN',
);

function checkTags(value: unknown, name: string): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw expected('an object of names and values', name, value);
  }
  const entries = Object.entries(value);
  if (entries.length > MAX_TAGS) {
    throw expected('at most 50 tags', name, entries.length, 'STATUS_MAX_TAG_COUNT');
  }
  for (const [key, text] of entries) {
    checkTagName(key, `a name in ${name}`);
    checkTagValue(text, `${name}.${key}`);
  }
  return Object.freeze({ ...(value as Record<string, string>) });
}
